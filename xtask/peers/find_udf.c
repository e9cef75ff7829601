/* libdvdread as a reader: `find_udf IMAGE` reads one path per line and answers `at BLOCK SIZE`, its first block and its
 * length in bytes, or `nowhere`. It lists nothing, and its users read a file as one run of blocks. */

#include <stdio.h>
#include <string.h>

#include <dvdread/dvd_reader.h>
#include <dvdread/dvd_udf.h>

int main(int count, char **words) {
    char path[4096];
    dvd_reader_t *disc = count == 2 ? DVDOpen(words[1]) : NULL;
    if (!disc)
        return 1;
    while (fgets(path, sizeof path, stdin)) {
        uint32_t size = 0;
        path[strcspn(path, "\n")] = 0;
        uint32_t block = UDFFindFile(disc, path, &size);
        if (block)
            printf("at %u %u\n", block, size);
        else
            printf("nowhere\n");
    }
    DVDClose(disc);
    return 0;
}

/* libudfread as a reader: `read_udf IMAGE FOLDER` copies the whole tree of a volume into a new folder. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <udfread/udfread.h>

static void fail(const char *what, const char *path) {
    fprintf(stderr, "libudfread: %s: %s\n", what, path);
    exit(1);
}

static void copy_file(UDFDIR *directory, const char *name, const char *to) {
    static char bytes[1 << 20];
    UDFFILE *file = udfread_file_openat(directory, name);
    FILE *out = fopen(to, "wb");
    if (!file || !out)
        fail("cannot open", to);
    ssize_t got;
    while ((got = udfread_file_read(file, bytes, sizeof bytes)) > 0)
        if (fwrite(bytes, 1, (size_t)got, out) != (size_t)got)
            fail("cannot write", to);
    if (got < 0 || ftello(out) != udfread_file_size(file))
        fail("cannot read", to);
    udfread_file_close(file);
    if (fclose(out))
        fail("cannot write", to);
}

static void copy(UDFDIR *directory, const char *to) {
    struct udfread_dirent entry;
    if (!directory || mkdir(to, 0755))
        fail("cannot copy", to);
    while (udfread_readdir(directory, &entry)) {
        if (!strcmp(entry.d_name, ".") || !strcmp(entry.d_name, ".."))
            continue;
        char *path = malloc(strlen(to) + strlen(entry.d_name) + 2);
        if (!path)
            fail("no memory for", to);
        sprintf(path, "%s/%s", to, entry.d_name);
        if (entry.d_type == UDF_DT_DIR)
            copy(udfread_opendir_at(directory, entry.d_name), path);
        else
            copy_file(directory, entry.d_name, path);
        free(path);
    }
    udfread_closedir(directory);
}

int main(int count, char **words) {
    udfread *volume = udfread_init();
    if (count != 3 || !volume || udfread_open(volume, words[1]))
        fail("cannot open", count == 3 ? words[1] : "IMAGE FOLDER");
    copy(udfread_opendir(volume, "/"), words[2]);
    udfread_close(volume);
    return 0;
}

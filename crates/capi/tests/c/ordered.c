/* Obeys each line of its input on the volume X, and prints the error. */
#include "check.h"

int main(void) {
    HANDLE volume = INVALID_HANDLE_VALUE;
    char line[32];
    while (fgets(line, sizeof line, stdin)) {
        DWORD count, error = 0;
        BOOL done = FALSE;
        if (strcmp(line, "open\n") == 0) {
            volume = CreateFileA("\\\\.\\X:", BOTH, SHARE, NULL, OPEN_EXISTING, 0, NULL);
            done = volume != INVALID_HANDLE_VALUE;
        } else if (strcmp(line, "lock\n") == 0) {
            done = DeviceIoControl(volume, FSCTL_LOCK_VOLUME, NULL, 0, NULL, 0, &count, NULL);
        } else if (strcmp(line, "unlock\n") == 0) {
            done = DeviceIoControl(volume, FSCTL_UNLOCK_VOLUME, NULL, 0, NULL, 0, &count, NULL);
        } else if (strcmp(line, "make\n") == 0) {
            FILE_MAKE_COMPATIBLE_BUFFER buffer = {FALSE};
            done = DeviceIoControl(volume, FSCTL_MAKE_MEDIA_COMPATIBLE, &buffer, sizeof buffer, NULL, 0, &count,
                                   NULL);
        } else if (strcmp(line, "close\n") == 0) {
            done = CloseHandle(volume);
        }
        if (!done) {
            error = GetLastError();
        }
        printf("%u\n", (unsigned)error);
        fflush(stdout);
    }
    return 0;
}

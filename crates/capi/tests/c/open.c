/* Opens each name as a volume and prints a line: the errors of CreateFile, GetVolumeInformationByHandle and control. */
#include "check.h"

int main(int argc, char **argv) {
    int number;
    for (number = 1; number < argc; number++) {
        DWORD information = 0, closed = 0;
        HANDLE handle;
        SetLastError(0);
        handle = CreateFile(argv[number], BOTH, SHARE, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
        if (handle == INVALID_HANDLE_VALUE) {
            printf("%u - -\n", (unsigned)GetLastError());
            continue;
        }
        if (!GetVolumeInformationByHandleW(handle, NULL, 0, NULL, NULL, NULL, NULL, 0)) {
            information = GetLastError();
        }
        closed = make_compatible(handle, FALSE);
        printf("0 %u %u\n", (unsigned)information, (unsigned)closed);
        CHECK(CloseHandle(handle));
    }
    return 0;
}

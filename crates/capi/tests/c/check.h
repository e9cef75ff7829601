/* Shared by the test programs: a check that prints where it failed. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <winioctl.h>

#define CHECK(condition)                                                                              \
    do {                                                                                              \
        if (!(condition)) {                                                                           \
            fprintf(stderr, "%s:%d: %s (last error %u)\n", __FILE__, __LINE__, #condition,            \
                    (unsigned)GetLastError());                                                        \
            exit(1);                                                                                  \
        }                                                                                             \
    } while (0)

/* A call that must fail with this error. */
#define FAILS(call, error)                  \
    do {                                    \
        SetLastError(0xDEAD);               \
        CHECK(!(call));                     \
        CHECK(GetLastError() == (error));   \
    } while (0)

#define SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE)
#define BOTH (GENERIC_READ | GENERIC_WRITE)

static inline HANDLE opened(const char *name, DWORD access, DWORD flags) {
    HANDLE handle = CreateFileA(name, access, SHARE, NULL, OPEN_EXISTING, flags, NULL);
    CHECK(handle != INVALID_HANDLE_VALUE && handle != NULL);
    return handle;
}

/* The error of a name that does not open. */
static inline DWORD refused(const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags) {
    SetLastError(0xDEAD);
    CHECK(CreateFileA(name, access, share, NULL, disposition, flags, NULL) == INVALID_HANDLE_VALUE);
    return GetLastError();
}

/* FSCTL_MAKE_MEDIA_COMPATIBLE as documented; returns the error, 0 on success. */
static inline DWORD make_compatible(HANDLE handle, BOOLEAN close_disc) {
    FILE_MAKE_COMPATIBLE_BUFFER buffer = {close_disc};
    DWORD returned = 77;
    if (DeviceIoControl(handle, FSCTL_MAKE_MEDIA_COMPATIBLE, &buffer, sizeof buffer, NULL, 0, &returned, NULL)) {
        CHECK(returned == 0);
        return 0;
    }
    CHECK(returned == 77);
    return GetLastError();
}

#endif

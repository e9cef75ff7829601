/* Opening and closing handles. X: a disc with /directory/file.txt. */
#include "check.h"

static void names(void) {
    HANDLE handle;
    CHECK(refused(NULL, BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_PATH_NOT_FOUND);
    CHECK(refused("", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_PATH_NOT_FOUND);
    CHECK(refused("\\\\.\\Q:", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND);
    CHECK(refused("Q:\\file", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_PATH_NOT_FOUND);
    CHECK(refused("X:file", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_INVALID_NAME);
    CHECK(refused("\xFF\xFE", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND);
    CHECK(refused("X:\\nothing", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_FILE_NOT_FOUND);
    CHECK(refused("X:\\directory\\file.txt\\nothing", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_PATH_NOT_FOUND);
    CHECK(refused("X:\\directory", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(opened("x:/directory", BOTH, FILE_FLAG_BACKUP_SEMANTICS)));
    CHECK(CloseHandle(opened("X:\\", BOTH, FILE_FLAG_BACKUP_SEMANTICS)));
    CHECK(CloseHandle(opened("X:\\directory\\file.txt", BOTH, 0)));
    handle = CreateFileW(u"\\\\.\\X:", BOTH, SHARE, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(handle != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(handle));
    SetLastError(0);
    CHECK(CreateFileW(u"X:\\\xD800", BOTH, SHARE, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE);
    CHECK(GetLastError() == ERROR_INVALID_NAME);
    SetLastError(0);
    CHECK(CreateFileW((LPCWSTR)((const char *)u"\\\\.\\X:" + 1), BOTH, SHARE, NULL, OPEN_EXISTING, 0, NULL) ==
          INVALID_HANDLE_VALUE);
    CHECK(GetLastError() == ERROR_NOACCESS);
}

static void dispositions(void) {
    CHECK(refused("\\\\.\\X:", BOTH, SHARE, 0, 0) == ERROR_INVALID_PARAMETER);
    CHECK(refused("\\\\.\\X:", BOTH, SHARE, 6, 0) == ERROR_INVALID_PARAMETER);
    CHECK(refused("\\\\.\\X:", BOTH, SHARE, CREATE_ALWAYS, 0) == ERROR_INVALID_PARAMETER);
    CHECK(refused("X:\\new.txt", BOTH, SHARE, CREATE_NEW, 0) == ERROR_NOT_SUPPORTED);
    CHECK(refused("X:\\directory\\file.txt", BOTH, SHARE, TRUNCATE_EXISTING, 0) == ERROR_NOT_SUPPORTED);
}

static void sharing(void) {
    HANDLE first = CreateFileA("\\\\.\\X:", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(first != INVALID_HANDLE_VALUE);
    CHECK(refused("\\\\.\\X:", BOTH, SHARE, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION);
    CHECK(refused("\\\\.\\X:", GENERIC_READ, 0, OPEN_EXISTING, 0) == ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(opened("\\\\.\\X:", GENERIC_READ, 0)));
    CHECK(CloseHandle(opened("X:\\directory\\file.txt", BOTH, 0)));
    CHECK(CloseHandle(first));
    CHECK(CloseHandle(opened("\\\\.\\X:", BOTH, 0)));
}

static void wrong_handle(HANDLE handle) {
    FILE_MAKE_COMPATIBLE_BUFFER buffer = {FALSE};
    OVERLAPPED overlapped;
    IO_STATUS_BLOCK block;
    DWORD count = 5;
    memset(&overlapped, 0, sizeof overlapped);
    FAILS(DeviceIoControl(handle, FSCTL_MAKE_MEDIA_COMPATIBLE, &buffer, sizeof buffer, NULL, 0, &count, NULL),
          ERROR_INVALID_HANDLE);
    /* Before any other call. */
    FAILS(DeviceIoControl(handle, 0, NULL, 0, NULL, 0, NULL, NULL), ERROR_INVALID_HANDLE);
    CHECK(count == 5);
    FAILS(GetOverlappedResult(handle, &overlapped, &count, TRUE), ERROR_INVALID_HANDLE);
    FAILS(CancelIo(handle), ERROR_INVALID_HANDLE);
    FAILS(CancelIoEx(handle, NULL), ERROR_INVALID_HANDLE);
    FAILS(GetVolumeInformationByHandleW(handle, NULL, 0, NULL, NULL, NULL, NULL, 0), ERROR_INVALID_HANDLE);
    FAILS(CloseHandle(handle), ERROR_INVALID_HANDLE);
    FAILS(SetEvent(handle), ERROR_INVALID_HANDLE);
    CHECK(WaitForSingleObject(handle, 0) == WAIT_FAILED);
    CHECK(NtFsControlFile(handle, NULL, NULL, NULL, &block, FSCTL_MAKE_MEDIA_COMPATIBLE, &buffer, 1, NULL, 0) ==
          STATUS_INVALID_HANDLE);
}

static void handles(void) {
    HANDLE handle = opened("\\\\.\\X:", BOTH, 0);
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    DWORD count;
    CHECK(CloseHandle(handle));
    wrong_handle(handle);
    wrong_handle(NULL);
    wrong_handle(INVALID_HANDLE_VALUE);
    wrong_handle((HANDLE)(intptr_t)0x12345678);
    wrong_handle((HANDLE)&count);
    /* An event is a handle but not a volume. */
    CHECK(event != NULL);
    FAILS(DeviceIoControl(event, FSCTL_IS_VOLUME_MOUNTED, NULL, 0, NULL, 0, &count, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    CHECK(CreateEventA(NULL, TRUE, FALSE, "named") == NULL && GetLastError() == ERROR_NOT_SUPPORTED);
}

int main(void) {
    names();
    dispositions();
    sharing();
    handles();
    return 0;
}

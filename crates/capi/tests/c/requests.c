/* Synchronous requests. X: a disc with /directory/file.txt; Z: an image without UDF. */
#include "check.h"

#include <pthread.h>

#define MAKE FSCTL_MAKE_MEDIA_COMPATIBLE

static BOOL call(HANDLE handle, DWORD code, void *input, DWORD input_size, void *output, DWORD output_size,
                 DWORD *count) {
    return DeviceIoControl(handle, code, input, input_size, output, output_size, count, NULL);
}

/* In the order of the checks: no later error appears before an earlier one. */
static void order_of_checks(void) {
    BYTE input[2] = {0, 1};
    DWORD count = 5;
    HANDLE reading = opened("X:\\directory\\file.txt", GENERIC_READ, 0);
    HANDLE file = opened("X:\\directory\\file.txt", BOTH, 0);
    HANDLE other = opened("\\\\.\\Z:", BOTH, 0);
    HANDLE volume = opened("\\\\.\\X:", BOTH, 0);
    FAILS(call(reading, MAKE, NULL, 0, NULL, 0, &count), ERROR_ACCESS_DENIED);
    FAILS(call(file, MAKE ^ 1, NULL, 0, NULL, 0, &count), ERROR_INVALID_FUNCTION);
    FAILS(call(volume, 0x90130, input, 1, NULL, 0, &count), ERROR_INVALID_FUNCTION);
    FAILS(call(other, MAKE, NULL, 0, NULL, 0, &count), ERROR_INVALID_FUNCTION);
    FAILS(call(file, MAKE, input, 1, NULL, 0, &count), ERROR_INVALID_PARAMETER);
    FAILS(call(volume, MAKE, NULL, 0, NULL, 0, &count), ERROR_INVALID_PARAMETER);
    FAILS(call(volume, MAKE, NULL, 1, NULL, 0, &count), ERROR_INVALID_PARAMETER);
    FAILS(call(volume, MAKE, input, 0, NULL, 0, &count), ERROR_INVALID_PARAMETER);
    CHECK(count == 5);
    CHECK(CloseHandle(reading) && CloseHandle(file) && CloseHandle(other) && CloseHandle(volume));
}

static void count_and_overlapped(void) {
    BYTE input[2] = {0, 1};
    DWORD counts[2] = {5, 5};
    OVERLAPPED overlapped, before;
    HANDLE volume = opened("\\\\.\\X:", BOTH, 0);
    memset(&overlapped, 0x5A, sizeof overlapped);
    before = overlapped;
    /* Without OVERLAPPED the count is mandatory. */
    FAILS(DeviceIoControl(volume, MAKE, input, 1, NULL, 0, NULL, NULL), ERROR_INVALID_PARAMETER);
    FAILS(DeviceIoControl(volume, MAKE, input, 1, NULL, 0, (LPDWORD)((char *)counts + 1), NULL), ERROR_NOACCESS);
    CHECK(counts[0] == 5 && counts[1] == 5);
    /* On this handle OVERLAPPED is ignored. */
    CHECK(DeviceIoControl(volume, FSCTL_IS_VOLUME_MOUNTED, NULL, 0, NULL, 0, NULL, &overlapped));
    CHECK(memcmp(&overlapped, &before, sizeof before) == 0);
    /* A longer input and an output buffer are accepted. */
    SetLastError(4711);
    CHECK(call(volume, MAKE, input, 2, input, sizeof input, counts));
    CHECK(counts[0] == 0 && counts[1] == 5 && input[0] == 0 && input[1] == 1);
    CHECK(GetLastError() == 4711);
    CHECK(CloseHandle(volume));
}

static void queries(void) {
    FILE_QUERY_ON_DISK_VOL_INFO_BUFFER info;
    FILE_QUERY_SPARING_BUFFER sparing;
    DWORD count = 5;
    BYTE bytes[400];
    HANDLE volume = opened("\\\\.\\X:", 0, 0);
    memset(bytes, 0xAA, sizeof bytes);
    FAILS(call(volume, FSCTL_QUERY_ON_DISK_VOLUME_INFO, NULL, 0, bytes, 335, &count), ERROR_INSUFFICIENT_BUFFER);
    FAILS(call(volume, FSCTL_QUERY_ON_DISK_VOLUME_INFO, NULL, 0, NULL, 400, &count), ERROR_INSUFFICIENT_BUFFER);
    FAILS(call(volume, FSCTL_QUERY_SPARING_INFO, NULL, 0, bytes, 15, &count), ERROR_INVALID_PARAMETER);
    CHECK(count == 5 && bytes[0] == 0xAA);
    CHECK(call(volume, FSCTL_QUERY_ON_DISK_VOLUME_INFO, NULL, 0, &info, sizeof info, &count));
    CHECK(count == sizeof info && info.DirectoryCount.QuadPart == 2 && info.FileCount.QuadPart == 1);
    CHECK(info.FsFormatMajVersion == 2 && info.FsFormatMinVersion == 1);
    CHECK(memcmp(info.FsFormatName, u"UDF", 8) == 0);
    CHECK(memcmp(info.FormattingImplementationInfo, u"*oncefs", 16) == 0);
    CHECK(call(volume, FSCTL_QUERY_SPARING_INFO, NULL, 0, &sparing, sizeof sparing, &count));
    CHECK(count == sizeof sparing && sparing.SparingUnitBytes == 32768 && !sparing.SoftwareSparing);
    /* One byte further on, where no field is aligned. */
    CHECK(call(volume, FSCTL_QUERY_ON_DISK_VOLUME_INFO, NULL, 0, bytes + 1, 399, &count));
    CHECK(memcmp(bytes + 1, &info, sizeof info) == 0 && bytes[0] == 0xAA && bytes[337] == 0xAA);
    CHECK(CloseHandle(volume));
}

static void information(void) {
    WCHAR name[8], file_system[4];
    DWORD numbers[4] = {1, 1, 1, 1};
    HANDLE volume = opened("\\\\.\\X:", GENERIC_READ, 0), other;
    CHECK(GetVolumeInformationByHandleW(volume, name, 8, &numbers[0], &numbers[1], &numbers[2], file_system, 4));
    CHECK(memcmp(name, u"Archive", 16) == 0 && memcmp(file_system, u"UDF", 8) == 0);
    CHECK(numbers[0] != 1 && numbers[1] == 254);
    CHECK(numbers[2] == (FILE_CASE_SENSITIVE_SEARCH | FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK |
                         FILE_SUPPORTS_HARD_LINKS | FILE_SEQUENTIAL_WRITE_ONCE));
    CHECK(GetVolumeInformationByHandleW(volume, NULL, 0, NULL, NULL, NULL, NULL, 0));
    FAILS(GetVolumeInformationByHandleW(volume, name, 7, NULL, NULL, NULL, NULL, 0), ERROR_MORE_DATA);
    FAILS(GetVolumeInformationByHandleW(volume, NULL, 0, NULL, NULL, NULL, file_system, 3), ERROR_MORE_DATA);
    numbers[3] = 1;
    FAILS(GetVolumeInformationByHandleW(volume, NULL, 0, (LPDWORD)((char *)&numbers[2] + 2), NULL, NULL, NULL, 0),
          ERROR_NOACCESS);
    CHECK(numbers[3] == 1);
    other = opened("\\\\.\\Z:", GENERIC_READ, 0);
    FAILS(GetVolumeInformationByHandleW(other, NULL, 0, NULL, NULL, NULL, NULL, 0), ERROR_UNRECOGNIZED_VOLUME);
    CHECK(CloseHandle(volume) && CloseHandle(other));
}

static void locking(void) {
    DWORD count;
    HANDLE one = opened("\\\\.\\X:", BOTH, 0), two = opened("\\\\.\\X:", BOTH, 0);
    CHECK(call(one, FSCTL_LOCK_VOLUME, NULL, 0, NULL, 0, &count));
    CHECK(make_compatible(two, FALSE) == ERROR_ACCESS_DENIED);
    CHECK(refused("\\\\.\\X:", GENERIC_READ, SHARE, OPEN_EXISTING, 0) == ERROR_ACCESS_DENIED);
    FAILS(call(two, FSCTL_UNLOCK_VOLUME, NULL, 0, NULL, 0, &count), ERROR_NOT_LOCKED);
    CHECK(call(one, FSCTL_DISMOUNT_VOLUME, NULL, 0, NULL, 0, &count));
    CHECK(call(one, FSCTL_UNLOCK_VOLUME, NULL, 0, NULL, 0, &count));
    FAILS(call(one, FSCTL_IS_VOLUME_MOUNTED, NULL, 0, NULL, 0, &count), ERROR_NOT_READY);
    CHECK(CloseHandle(one) && CloseHandle(two));
}

static void status_block(void) {
    FILE_MAKE_COMPATIBLE_BUFFER buffer = {FALSE};
    BYTE answer[16];
    IO_STATUS_BLOCK blocks[2];
    HANDLE volume = opened("\\\\.\\X:", BOTH, 0), event = CreateEventW(NULL, FALSE, FALSE, NULL);
    PIO_STATUS_BLOCK block = blocks;
    memset(blocks, 0x5A, sizeof blocks);
    CHECK(NtFsControlFile(volume, NULL, NULL, NULL, NULL, MAKE, &buffer, 1, NULL, 0) == STATUS_ACCESS_VIOLATION);
    CHECK(NtFsControlFile(volume, NULL, NULL, NULL, (PIO_STATUS_BLOCK)((char *)blocks + 1), MAKE, &buffer, 1, NULL,
                          0) == STATUS_DATATYPE_MISALIGNMENT);
    CHECK(block->Information != 0);
    CHECK(NtFsControlFile(volume, volume, NULL, NULL, block, MAKE, &buffer, 1, NULL, 0) == STATUS_INVALID_HANDLE);
    CHECK(NtFsControlFile(volume, event, NULL, NULL, block, MAKE, NULL, 0, NULL, 0) == STATUS_INVALID_PARAMETER);
    CHECK(block->Status == STATUS_INVALID_PARAMETER && block->Information == 0);
    CHECK(NtFsControlFile(volume, event, NULL, NULL, block, MAKE, &buffer, 1, NULL, 0) == STATUS_SUCCESS);
    CHECK(block->Status == STATUS_SUCCESS && block->Information == 0);
    CHECK(WaitForSingleObject(event, 0) == WAIT_OBJECT_0 && WaitForSingleObject(event, 0) == WAIT_TIMEOUT);
    CHECK(NtFsControlFile(volume, NULL, NULL, NULL, block, FSCTL_QUERY_SPARING_INFO, NULL, 0, answer, 16) ==
          STATUS_SUCCESS);
    CHECK(NT_SUCCESS(block->Status) && block->Information == 16);
    CHECK(RtlNtStatusToDosError(STATUS_WRONG_VOLUME) == ERROR_WRONG_DISK);
    CHECK(CloseHandle(volume) && CloseHandle(event));
}

static void *another_thread(void *error) {
    *(DWORD *)error = GetLastError();
    SetLastError(7);
    return NULL;
}

static void last_error(void) {
    pthread_t thread;
    DWORD error = 9;
    SetLastError(5);
    CHECK(pthread_create(&thread, NULL, another_thread, &error) == 0 && pthread_join(thread, NULL) == 0);
    CHECK(error == 0 && GetLastError() == 5);
}

static void finalized(void) {
    DWORD flags;
    HANDLE volume = opened("\\\\.\\X:", BOTH, 0);
    CHECK(make_compatible(volume, 200) == 0);
    CHECK(make_compatible(volume, FALSE) == ERROR_WRITE_PROTECT);
    CHECK(make_compatible(volume, TRUE) == ERROR_WRITE_PROTECT);
    CHECK(GetVolumeInformationByHandleW(volume, NULL, 0, NULL, NULL, &flags, NULL, 0));
    CHECK(flags & FILE_READ_ONLY_VOLUME && flags & FILE_SEQUENTIAL_WRITE_ONCE);
    CHECK(CloseHandle(volume));
}

int main(void) {
    order_of_checks();
    count_and_overlapped();
    queries();
    information();
    locking();
    status_block();
    last_error();
    finalized();
    return 0;
}

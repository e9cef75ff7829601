/* Overlapped requests. S: a disc in a drive that is slow to become ready. */
#include "check.h"

#define MAKE FSCTL_MAKE_MEDIA_COMPATIBLE

static OVERLAPPED fresh(HANDLE event) {
    OVERLAPPED overlapped;
    memset(&overlapped, 0, sizeof overlapped);
    overlapped.hEvent = event;
    return overlapped;
}

/* Sends a request that must be running when this returns. */
static void start(HANDLE volume, BYTE *input, LPOVERLAPPED overlapped) {
    SetLastError(0);
    CHECK(!DeviceIoControl(volume, MAKE, input, 1, NULL, 0, NULL, overlapped));
    CHECK(GetLastError() == ERROR_IO_PENDING);
}

static void runs_and_ends(HANDLE volume) {
    BYTE input = FALSE;
    DWORD count = 5;
    OVERLAPPED overlapped = fresh(NULL);
    start(volume, &input, &overlapped);
    /* The input was copied. */
    input = TRUE;
    CHECK(!HasOverlappedIoCompleted(&overlapped));
    FAILS(GetOverlappedResult(volume, &overlapped, &count, FALSE), ERROR_IO_INCOMPLETE);
    CHECK(count == 5);
    /* A status block serves one call at a time. */
    FAILS(DeviceIoControl(volume, MAKE, &input, 1, NULL, 0, NULL, &overlapped), ERROR_INVALID_PARAMETER);
    CHECK(GetOverlappedResult(volume, &overlapped, &count, TRUE) && count == 0);
    CHECK(HasOverlappedIoCompleted(&overlapped) && overlapped.Internal == STATUS_SUCCESS);
    CHECK(GetOverlappedResult(volume, &overlapped, &count, FALSE) && count == 0);
}

static void answers(HANDLE volume) {
    FILE_QUERY_SPARING_BUFFER sparing;
    DWORD count = 0;
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);
    OVERLAPPED overlapped = fresh(event);
    memset(&sparing, 0xAA, sizeof sparing);
    CHECK(!DeviceIoControl(volume, FSCTL_QUERY_SPARING_INFO, NULL, 0, &sparing, sizeof sparing, &count, &overlapped));
    CHECK(GetLastError() == ERROR_IO_PENDING);
    CHECK(WaitForSingleObject(event, 0) == WAIT_TIMEOUT && WaitForSingleObject(event, 1) == WAIT_TIMEOUT);
    CHECK(WaitForSingleObject(event, INFINITE) == WAIT_OBJECT_0);
    CHECK(GetOverlappedResult(volume, &overlapped, &count, FALSE));
    CHECK(count == sizeof sparing && sparing.TotalSpareBlocks == 0 && sparing.SparingUnitBytes == 32768);
    CHECK(CloseHandle(event));
}

static void is_cancelled(HANDLE volume) {
    BYTE input = TRUE;
    DWORD count = 5;
    OVERLAPPED overlapped = fresh(NULL), other = fresh(NULL);
    CHECK(CancelIo(volume));
    start(volume, &input, &overlapped);
    CHECK(CancelIo(volume));
    FAILS(GetOverlappedResult(volume, &overlapped, &count, TRUE), ERROR_OPERATION_ABORTED);
    CHECK(count == 5 && (NTSTATUS)overlapped.Internal == STATUS_CANCELLED);
    start(volume, &input, &overlapped);
    FAILS(CancelIoEx(volume, &other), ERROR_NOT_FOUND);
    CHECK(CancelIoEx(volume, &overlapped));
    CHECK(WaitForSingleObject(volume, INFINITE) == WAIT_OBJECT_0);
    FAILS(GetOverlappedResult(volume, &overlapped, &count, FALSE), ERROR_OPERATION_ABORTED);
    FAILS(CancelIoEx(volume, NULL), ERROR_NOT_FOUND);
}

static void pointers(HANDLE volume) {
    BYTE input = TRUE;
    DWORD count = 5;
    OVERLAPPED room[2];
    LPOVERLAPPED misaligned = (LPOVERLAPPED)((char *)room + 1);
    FAILS(DeviceIoControl(volume, MAKE, &input, 1, NULL, 0, &count, NULL), ERROR_INVALID_PARAMETER);
    FAILS(DeviceIoControl(volume, MAKE, &input, 1, NULL, 0, &count, misaligned), ERROR_NOACCESS);
    FAILS(GetOverlappedResult(volume, NULL, &count, TRUE), ERROR_INVALID_PARAMETER);
    FAILS(GetOverlappedResult(volume, misaligned, &count, TRUE), ERROR_NOACCESS);
    room[0] = fresh(NULL);
    FAILS(GetOverlappedResult(volume, room, NULL, TRUE), ERROR_INVALID_PARAMETER);
    room[0].hEvent = volume;
    FAILS(DeviceIoControl(volume, MAKE, &input, 1, NULL, 0, &count, room), ERROR_INVALID_HANDLE);
}

static void status_block(HANDLE volume) {
    FILE_QUERY_SPARING_BUFFER sparing;
    IO_STATUS_BLOCK block = {{STATUS_UNSUCCESSFUL}, 5};
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(NtFsControlFile(volume, event, NULL, NULL, &block, FSCTL_QUERY_SPARING_INFO, NULL, 0, &sparing,
                          sizeof sparing) == STATUS_PENDING);
    CHECK(WaitForSingleObject(event, INFINITE) == WAIT_OBJECT_0);
    CHECK(block.Status == STATUS_SUCCESS && block.Information == sizeof sparing);
    CHECK(CloseHandle(event));
}

static void ends_with_its_handle(HANDLE volume) {
    BYTE input = TRUE;
    OVERLAPPED overlapped = fresh(NULL);
    start(volume, &input, &overlapped);
    CHECK(CloseHandle(volume));
    CHECK(HasOverlappedIoCompleted(&overlapped) && (NTSTATUS)overlapped.Internal == STATUS_CANCELLED);
}

int main(void) {
    HANDLE volume = opened("\\\\.\\S:", BOTH, FILE_FLAG_OVERLAPPED);
    runs_and_ends(volume);
    answers(volume);
    is_cancelled(volume);
    pointers(volume);
    status_block(volume);
    ends_with_its_handle(volume);
    return 0;
}

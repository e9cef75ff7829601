/* Sizes, offsets and values of the header; the tests append a part generated from the Rust side. */
#include <stddef.h>
#include <windows.h>
#include <winioctl.h>
#include <winternl.h>
#include <ntstatus.h>

#ifdef __cplusplus
#define ASSERT(condition) static_assert(condition, #condition)
#else
#define ASSERT(condition) _Static_assert(condition, #condition)
#endif

ASSERT(sizeof(BOOL) == 4);
ASSERT(sizeof(BOOLEAN) == 1);
ASSERT(sizeof(WORD) == 2);
ASSERT(sizeof(DWORD) == 4);
ASSERT(sizeof(LONGLONG) == 8);
ASSERT(sizeof(WCHAR) == 2);
ASSERT(sizeof(u"UDF") == 8);
ASSERT(sizeof(HANDLE) == sizeof(void *));
ASSERT(sizeof(NTSTATUS) == 4);
ASSERT((NTSTATUS)-1 < 0);
ASSERT((DWORD)-1 > 0);

ASSERT(sizeof(OVERLAPPED) == 3 * sizeof(void *) + 8);
ASSERT(offsetof(OVERLAPPED, Internal) == 0);
ASSERT(offsetof(OVERLAPPED, InternalHigh) == sizeof(void *));
ASSERT(offsetof(OVERLAPPED, Offset) == 2 * sizeof(void *));
ASSERT(offsetof(OVERLAPPED, OffsetHigh) == 2 * sizeof(void *) + 4);
ASSERT(offsetof(OVERLAPPED, Pointer) == 2 * sizeof(void *));
ASSERT(offsetof(OVERLAPPED, hEvent) == 2 * sizeof(void *) + 8);
ASSERT(sizeof(IO_STATUS_BLOCK) == 2 * sizeof(void *));
ASSERT(offsetof(IO_STATUS_BLOCK, Status) == 0);
ASSERT(offsetof(IO_STATUS_BLOCK, Information) == sizeof(void *));

ASSERT(sizeof(FILE_MAKE_COMPATIBLE_BUFFER) == 1);
ASSERT(offsetof(FILE_MAKE_COMPATIBLE_BUFFER, CloseDisc) == 0);
ASSERT(sizeof(FILE_SET_DEFECT_MGMT_BUFFER) == 1);
ASSERT(sizeof(FILE_QUERY_SPARING_BUFFER) == 16);
ASSERT(offsetof(FILE_QUERY_SPARING_BUFFER, SoftwareSparing) == 4);
ASSERT(offsetof(FILE_QUERY_SPARING_BUFFER, TotalSpareBlocks) == 8);
ASSERT(offsetof(FILE_QUERY_SPARING_BUFFER, FreeSpareBlocks) == 12);
ASSERT(sizeof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER) == 336);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, FileCount) == 8);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, FsFormatMajVersion) == 16);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, FsFormatMinVersion) == 18);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, FsFormatName) == 20);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, FormatTime) == 48);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, LastUpdateTime) == 56);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, CopyrightInfo) == 64);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, AbstractInfo) == 132);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, FormattingImplementationInfo) == 200);
ASSERT(offsetof(FILE_QUERY_ON_DISK_VOL_INFO_BUFFER, LastModifyingImplementationInfo) == 268);

ASSERT(FSCTL_MAKE_MEDIA_COMPATIBLE == 0x00098130);
ASSERT(FILE_SEQUENTIAL_WRITE_ONCE == 0x00100000);

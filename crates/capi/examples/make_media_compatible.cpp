// Closes the session of the write-once disc in a volume so that any ROM drive can read it.
//
//     make_media_compatible X FALSE     more can be added later, in a new session
//     make_media_compatible X TRUE      finalizes the disc: nothing can be added any more
//
// This is a Windows program. It builds unchanged on Linux:
//
//     g++ make_media_compatible.cpp $(pkg-config --cflags --libs oncefs)
//     ONCEFS_VOLUMES="X=$PWD/archive.udf" ./a.out X FALSE

#include <windows.h>
#include <winioctl.h>

#include <cstdio>
#include <cstring>
#include <string>

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: make_media_compatible LETTER TRUE|FALSE\n");
        return 2;
    }

    std::string name = std::string("\\\\.\\") + argv[1] + ":";
    HANDLE hDevice = CreateFileA(name.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_EXISTING, 0, NULL);
    if (hDevice == INVALID_HANDLE_VALUE) {
        std::fprintf(stderr, "CreateFile: error %u\n", (unsigned)GetLastError());
        return 1;
    }

    DWORD flags = 0;
    if (!GetVolumeInformationByHandleW(hDevice, NULL, 0, NULL, NULL, &flags, NULL, 0)) {
        std::fprintf(stderr, "GetVolumeInformationByHandle: error %u\n", (unsigned)GetLastError());
        return 1;
    }
    if (!(flags & FILE_SEQUENTIAL_WRITE_ONCE)) {
        std::fprintf(stderr, "%s is not a write-once volume\n", name.c_str());
        return 1;
    }

    FILE_MAKE_COMPATIBLE_BUFFER buffer;
    buffer.CloseDisc = std::strcmp(argv[2], "TRUE") == 0;
    DWORD returned;
    if (!DeviceIoControl(hDevice,                      // handle to volume
                         FSCTL_MAKE_MEDIA_COMPATIBLE,  // dwIoControlCode
                         &buffer,                      // lpInBuffer
                         sizeof buffer,                // nInBufferSize
                         NULL,                         // lpOutBuffer
                         0,                            // nOutBufferSize
                         &returned,                    // lpBytesReturned
                         NULL)) {                      // lpOverlapped
        std::fprintf(stderr, "DeviceIoControl: error %u\n", (unsigned)GetLastError());
        return 1;
    }

    std::printf("%s is ROM compatible\n", name.c_str());
    return CloseHandle(hDevice) ? 0 : 1;
}

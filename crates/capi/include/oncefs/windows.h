/* What <windows.h> has of what <winioctl.h> declares here: for programs that include both. */
#ifndef ONCEFS_WINDOWS_H
#define ONCEFS_WINDOWS_H

#include "winioctl.h"

#endif

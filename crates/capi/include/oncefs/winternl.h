/* What <winternl.h> has of what <winioctl.h> declares here: for programs that include both. */
#ifndef ONCEFS_WINTERNL_H
#define ONCEFS_WINTERNL_H

#include "winioctl.h"

#endif

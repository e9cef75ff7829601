/* What <ntstatus.h> has of what <winioctl.h> declares here: for programs that include both. */
#ifndef ONCEFS_NTSTATUS_H
#define ONCEFS_NTSTATUS_H

#include "winioctl.h"

#endif

/* For programs that include <ntstatus.h>: its part of what <winioctl.h> declares here. */
#ifndef ONCEFS_NTSTATUS_H
#define ONCEFS_NTSTATUS_H

#include "winioctl.h"

#endif

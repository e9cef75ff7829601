//! The sense that this project deals with, by name (`SPC-4` Annex D.2, `MMC-6` Annex F).

use crate::{Sense, SenseKey};

macro_rules! senses {
    ($($(#[$meta:meta])* $name:ident = $key:ident, $asc:literal, $ascq:literal, $text:literal;)*) => {
        impl Sense {
            $(
                #[doc = concat!("Named *", $text, "* in the standard.")]
                $(#[$meta])*
                pub const $name: Self = Self::new(SenseKey::$key, $asc, $ascq);
            )*

            /// The standard's name for code and qualifier, or `None` if this crate does not know it.
            #[must_use]
            pub const fn name(&self) -> Option<&'static str> {
                match (self.asc, self.ascq) {
                    $(($asc, $ascq) => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

senses! {
    NO_ADDITIONAL_SENSE = NoSense, 0x00, 0x00, "no additional sense information";
    BECOMING_READY = NotReady, 0x04, 0x01, "logical unit is in process of becoming ready";
    INITIALIZING_COMMAND_REQUIRED = NotReady, 0x04, 0x02, "logical unit not ready, initializing command required";
    OPERATION_IN_PROGRESS = NotReady, 0x04, 0x07, "logical unit not ready, operation in progress";
    LONG_WRITE_IN_PROGRESS = NotReady, 0x04, 0x08, "logical unit not ready, long write in progress";
    WRITE_ERROR = MediumError, 0x0C, 0x00, "write error";
    WRITE_ERROR_RECOVERY_NEEDED = MediumError, 0x0C, 0x07, "write error - recovery needed";
    WRITE_ERROR_LOSS_OF_STREAMING = MediumError, 0x0C, 0x09, "write error - loss of streaming";
    UNRECOVERED_READ_ERROR = MediumError, 0x11, 0x00, "unrecovered read error";
    L_EC_UNCORRECTABLE_ERROR = MediumError, 0x11, 0x05, "L-EC uncorrectable error";
    PARAMETER_LIST_LENGTH_ERROR = IllegalRequest, 0x1A, 0x00, "parameter list length error";
    INVALID_COMMAND_OPERATION_CODE = IllegalRequest, 0x20, 0x00, "invalid command operation code";
    /// A read or write of a block that does not exist or is not recorded.
    LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE = IllegalRequest, 0x21, 0x00, "logical block address out of range";
    /// A write anywhere but at the next writable address.
    INVALID_ADDRESS_FOR_WRITE = IllegalRequest, 0x21, 0x02, "invalid address for write";
    INVALID_FIELD_IN_CDB = IllegalRequest, 0x24, 0x00, "invalid field in CDB";
    INVALID_FIELD_IN_PARAMETER_LIST = IllegalRequest, 0x26, 0x00, "invalid field in parameter list";
    WRITE_PROTECTED = DataProtect, 0x27, 0x00, "write protected";
    MEDIUM_MAY_HAVE_CHANGED = UnitAttention, 0x28, 0x00, "not ready to ready change, medium may have changed";
    POWER_ON_OR_RESET = UnitAttention, 0x29, 0x00, "power on, reset, or bus device reset occurred";
    POWER_ON_OCCURRED = UnitAttention, 0x29, 0x01, "power on occurred";
    BUS_RESET_OCCURRED = UnitAttention, 0x29, 0x02, "bus reset occurred";
    BUS_DEVICE_RESET_FUNCTION_OCCURRED = UnitAttention, 0x29, 0x03, "bus device reset function occurred";
    DEVICE_INTERNAL_RESET = UnitAttention, 0x29, 0x04, "device internal reset";
    MODE_PARAMETERS_CHANGED = UnitAttention, 0x2A, 0x01, "mode parameters changed";
    COMMAND_SEQUENCE_ERROR = IllegalRequest, 0x2C, 0x00, "command sequence error";
    CURRENT_PROGRAM_AREA_IS_NOT_EMPTY = IllegalRequest, 0x2C, 0x03, "current program area is not empty";
    CURRENT_PROGRAM_AREA_IS_EMPTY = IllegalRequest, 0x2C, 0x04, "current program area is empty";
    INCOMPATIBLE_MEDIUM = IllegalRequest, 0x30, 0x00, "incompatible medium installed";
    CANNOT_READ_MEDIUM_UNKNOWN_FORMAT = IllegalRequest, 0x30, 0x01, "cannot read medium - unknown format";
    CANNOT_WRITE_MEDIUM_INCOMPATIBLE_FORMAT = IllegalRequest, 0x30, 0x05, "cannot write medium - incompatible format";
    SAVING_PARAMETERS_NOT_SUPPORTED = IllegalRequest, 0x39, 0x00, "saving parameters not supported";
    MEDIUM_NOT_PRESENT = NotReady, 0x3A, 0x00, "medium not present";
    MEDIUM_NOT_PRESENT_TRAY_OPEN = NotReady, 0x3A, 0x02, "medium not present - tray open";
    INTERNAL_TARGET_FAILURE = HardwareError, 0x44, 0x00, "internal target failure";
    MEDIUM_REMOVAL_PREVENTED = IllegalRequest, 0x53, 0x02, "medium removal prevented";
    UNABLE_TO_RECOVER_TOC = MediumError, 0x57, 0x00, "unable to recover table-of-contents";
    END_OF_USER_AREA_ENCOUNTERED_ON_THIS_TRACK = IllegalRequest, 0x63, 0x00,
        "end of user area encountered on this track";
    PACKET_DOES_NOT_FIT_IN_AVAILABLE_SPACE = IllegalRequest, 0x63, 0x01,
        "packet does not fit in available space";
    /// The write parameters do not suit the track, or the block is not user data of this track.
    ILLEGAL_MODE_FOR_THIS_TRACK = IllegalRequest, 0x64, 0x00, "illegal mode for this track";
    INVALID_PACKET_SIZE = IllegalRequest, 0x64, 0x01, "invalid packet size";
    SESSION_FIXATION_ERROR = MediumError, 0x72, 0x00, "session fixation error";
    SESSION_FIXATION_ERROR_WRITING_LEAD_IN = MediumError, 0x72, 0x01, "session fixation error writing lead-in";
    SESSION_FIXATION_ERROR_WRITING_LEAD_OUT = MediumError, 0x72, 0x02, "session fixation error writing lead-out";
    SESSION_FIXATION_ERROR_INCOMPLETE_TRACK = IllegalRequest, 0x72, 0x03,
        "session fixation error - incomplete track in session";
    EMPTY_OR_PARTIALLY_WRITTEN_RESERVED_TRACK = IllegalRequest, 0x72, 0x04,
        "empty or partially written reserved track";
    NO_MORE_TRACK_RESERVATIONS_ALLOWED = IllegalRequest, 0x72, 0x05, "no more track reservations allowed";
    POWER_CALIBRATION_AREA_ALMOST_FULL = RecoveredError, 0x73, 0x01, "power calibration area almost full";
    POWER_CALIBRATION_AREA_IS_FULL = MediumError, 0x73, 0x02, "power calibration area is full";
    POWER_CALIBRATION_AREA_ERROR = MediumError, 0x73, 0x03, "power calibration area error";
}

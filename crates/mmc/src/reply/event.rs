//! The answer to GET EVENT STATUS NOTIFICATION.

use zerocopy::big_endian::U16;

wire! {
    /// The event header (`MMC-6 6.6.3`).
    #[doc(alias = "GET EVENT STATUS NOTIFICATION")]
    pub struct EventHeader [4] {
        /// Bytes after this field.
        pub event_data_length: U16,
        /// NEA in bit 7: no event is available. The class of the event in bits 0-2.
        pub notification_class: u8,
        /// The classes that the drive supports, one bit each.
        pub supported_classes: u8,
    }
}

impl EventHeader {
    /// The bit of the media class in requests and in the supported classes.
    pub const MEDIA: u8 = 1 << 4;
    /// The number of the media class.
    pub const MEDIA_CLASS: u8 = 4;
    /// NEA.
    pub const NO_EVENT_AVAILABLE: u8 = 0x80;
}

wire! {
    /// An event of the media class.
    pub struct MediaEvent [4] {
        /// The event in bits 0-3.
        pub event_code: u8,
        /// Media present in bit 1, tray open in bit 0.
        pub status: u8,
        /// The first slot of a changer.
        pub start_slot: u8,
        /// The last slot of a changer.
        pub end_slot: u8,
    }
}

field! {
    /// What happened to the medium.
    pub enum MediaEventCode from 0x0F {
        /// 0: nothing.
        NoChange = 0,
        /// 1: the user requests ejection.
        EjectRequest = 1,
        /// 2: a medium was inserted.
        NewMedia = 2,
        /// 3: the medium was removed.
        MediaRemoval = 3,
        /// 4: the medium changed.
        MediaChanged = 4;
        /// Reserved.
        Reserved
    }
}

impl MediaEvent {
    /// Media present.
    pub const PRESENT: u8 = 0b10;
    /// Tray open.
    pub const TRAY_OPEN: u8 = 0b01;

    /// What happened.
    #[must_use]
    pub const fn code(&self) -> MediaEventCode {
        MediaEventCode::from_bits(self.event_code)
    }
}

//! Whatever a drive answers, opening it ends with a result.

use drive::Drive;
use mmc::{Command, Data, Failure, Sense, SenseKey, Transport};
use proptest::prelude::*;

/// Answers with arbitrary bytes, and sometimes with sense.
struct Arbitrary {
    bytes: Vec<u8>,
    senses: Vec<(u8, u8, u8)>,
    sent: usize,
}

impl Transport for Arbitrary {
    fn execute(&mut self, command: &[u8], data: Data<'_>) -> Result<usize, Failure> {
        self.sent += 1;
        let information = matches!(Command::decode(command), Ok(Command::ReadTrackInformation(_)));
        if !information
            && self.sent.is_multiple_of(7)
            && let Some((key, asc, ascq)) = self.senses.pop()
        {
            return Err(Sense::new(SenseKey::from_bits(key), asc, ascq).into());
        }
        let Data::In(out) = data else { return Ok(0) };
        for (to, from) in out.iter_mut().zip(self.bytes.iter().cycle().skip(self.sent % 5)) {
            *to = *from;
        }
        Ok(out.len())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_reply_makes_the_drive_panic(
        bytes in proptest::collection::vec(any::<u8>(), 1..70),
        senses in proptest::collection::vec((0_u8..16, any::<u8>(), any::<u8>()), 0..4),
    ) {
        let transport = Arbitrary { bytes, senses, sent: 0 };
        struct Never;
        impl drive::Wait for Never {
            fn wait(&mut self, _: std::time::Duration) {}
        }
        if let Ok(mut drive) = Drive::open_waiting(Box::new(transport), Box::new(Never)) {
            let _ = drive.medium().last_recorded_candidates();
            let _ = drive.append_point();
            let _ = drive.reserve(480);
            let _ = drive.append_point_in(1);
            let _ = drive.close_track(1);
            let _ = drive.write(mmc::Lba(u32::MAX), &[0; 2048]);
            let _ = drive.read(mmc::Lba(u32::MAX), &mut [0; 4096]);
            let _ = drive.synchronize();
            let _ = drive.close_session(drive::Disposition::Finalized);
            let _ = drive.finalize();
        }
    }
}

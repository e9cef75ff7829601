//! What a drive records around the user blocks of a session: lead-in and lead-out of a CD, and their
//! equivalents on other media.
//!
//! `docs/understanding/media.md`, "Time", says which sizes are documented and which are our choice.

use crate::medium::{Family, Medium};

/// Start of the lead-in of a CD's first session in minutes, seconds and frames. It ends at 100:00:00, where
/// time wraps around. Discs differ; ATIP has the actual value.
pub(crate) const FIRST_LEAD_IN: [u8; 3] = [97, 34, 23];
const FRAMES_TO_WRAP: u32 = 100 * 60 * 75;
/// From 022FA0h to 02FFFFh, the lead-in of a DVD-R. Our choice for DVD+R, whose readers begin at the same
/// radius.
const DVD_LEAD_IN: u32 = 0x03_0000 - 0x02_2FA0;
/// The defect management area of a BD: at four places, with this number of blocks per layer (32 clusters).
const BD_MANAGEMENT: u32 = 32 * 32;
const BD_MANAGEMENT_COPIES: u32 = 4;

/// A radius on a 12 cm disc, in tenths of a millimetre.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Radius(u64);

impl Radius {
    /// The smallest and largest radius of user data on a DVD.
    const DATA_START: Self = Self(240);
    const DATA_END: Self = Self(580);
    /// A finalized DVD is recorded at least to this radius, whatever its contents.
    pub(crate) const LEAST: Self = Self(350);
    /// The same if the host requests the minimal radius.
    pub(crate) const MINIMAL: Self = Self(300);
    /// The minimum width of a lead-out: half a millimetre.
    const LEAST_LEAD_OUT: Self = Self(5);
}

impl Medium {
    /// Blocks recorded before those of session `number` when it is closed: lead-in, intro.
    pub(crate) const fn session_start(self, number: u16) -> u32 {
        match self.family() {
            Family::Cd if number == 1 => FRAMES_TO_WRAP - frames(FIRST_LEAD_IN),
            Family::Cd => 4500,
            Family::DvdR | Family::DvdPlusR if number == 1 => DVD_LEAD_IN,
            Family::DvdPlusR => 1024,
            // The border-in of a DVD-R counts as part of the preceding border-out; BD-R sessions have
            // neither.
            Family::DvdR | Family::BdR => 0,
        }
    }

    /// Blocks recorded after those of session `number` when it is closed and another may follow: lead-out,
    /// border-out, closure.
    pub(crate) const fn session_end(self, number: u16) -> u32 {
        match self.family() {
            Family::Cd if number == 1 => 6750,
            Family::Cd => 2250,
            Family::DvdR if number == 1 => 28_672,
            Family::DvdR => 8_192,
            Family::DvdPlusR => 1024,
            Family::BdR => 0,
        }
    }

    /// Blocks from the start of the lead-out (or border-out, closure) of session `number` to the next
    /// writable address.
    pub(crate) const fn session_gap(self, number: u16) -> u32 {
        self.session_end(number) + self.session_start(number.saturating_add(1)) + self.pregap_blocks()
    }

    /// Blocks recorded after those of session `number`, which end before `end`, when the disc is finalized.
    pub(crate) fn disc_end(self, number: u16, end: u32, radius: Radius) -> u64 {
        match self.family() {
            Family::Cd => self.session_end(number).into(),
            Family::DvdR | Family::DvdPlusR => self.dvd_lead_out(end.into(), radius),
            Family::BdR => u64::from(BD_MANAGEMENT_COPIES * BD_MANAGEMENT) * u64::from(self.layers()),
        }
    }

    /// Blocks in which the drive keeps account of tracks and sessions, each time one is closed or reserved:
    /// some frames of a CD's program memory area, elsewhere one unit.
    pub(crate) const fn account_blocks(self) -> u32 {
        match self.family() {
            Family::Cd => 10,
            _ => self.write_unit(),
        }
    }

    /// Blocks of a DVD's lead-out, which extends to `radius` at least; a second layer is recorded to the same
    /// radius as the first.
    fn dvd_lead_out(self, end: u64, radius: Radius) -> u64 {
        let least = self.blocks_from(Radius::LEAST, Radius(Radius::LEAST.0 + Radius::LEAST_LEAD_OUT.0));
        let used = end.min(self.layer_blocks());
        let span = (used + least).max(self.blocks_from(Radius::DATA_START, radius));
        (span * u64::from(self.layers())).saturating_sub(end).max(least)
    }

    /// Blocks of one layer between two radii. Their density is uniform, so their number is proportional to
    /// the area.
    fn blocks_from(self, inner: Radius, outer: Radius) -> u64 {
        let area = |inner: Radius, outer: Radius| outer.0 * outer.0 - inner.0 * inner.0;
        self.layer_blocks() * area(inner, outer) / area(Radius::DATA_START, Radius::DATA_END)
    }

    fn layer_blocks(self) -> u64 {
        u64::from(self.nominal_capacity()) / u64::from(self.layers())
    }
}

const fn frames([minutes, seconds, frames]: [u8; 3]) -> u32 {
    (minutes as u32 * 60 + seconds as u32) * 75 + frames as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_whole_units() {
        for medium in Medium::ALL {
            assert_eq!(medium.session_gap(1) % medium.write_unit(), 0, "{medium}");
            assert_eq!(medium.session_gap(2) % medium.write_unit(), 0, "{medium}");
        }
    }

    #[test]
    fn the_gap_of_a_cd_is_lead_out_lead_in_and_pregap() {
        assert_eq!(Medium::CdR80.session_gap(1), 11_400);
        assert_eq!(Medium::CdR80.session_gap(2), 6_900);
        assert_eq!(Medium::CdR80.session_start(1), 10_927);
    }

    #[test]
    fn a_finalized_dvd_is_recorded_to_70_mm_and_beyond_all_data() {
        let dvd = Medium::DvdPlusR;
        let little = dvd.disc_end(1, 1000, Radius::LEAST);
        assert_eq!(1000 + little, dvd.disc_end(1, 0, Radius::LEAST));
        assert!((530_000..540_000).contains(&little));
        assert!(dvd.disc_end(1, 1000, Radius::MINIMAL) < little / 3 * 2);
        let much = dvd.disc_end(1, 2_000_000, Radius::LEAST);
        assert!((25_000..30_000).contains(&much));
    }

    #[test]
    fn the_second_layer_of_a_dvd_is_recorded_as_far_as_the_first() {
        let dvd = Medium::DvdRDl;
        let first = dvd.layer_blocks();
        let full = dvd.disc_end(1, dvd.nominal_capacity(), Radius::LEAST);
        assert_eq!(
            dvd.disc_end(1, u32::try_from(first).unwrap(), Radius::LEAST),
            first + full
        );
    }

    #[test]
    fn no_disc_ends_before_its_blocks() {
        for medium in Medium::ALL {
            for end in [0, 1, medium.nominal_capacity(), u32::MAX] {
                assert!(medium.disc_end(1, end, Radius::LEAST) > 0, "{medium} {end}");
            }
        }
    }
}

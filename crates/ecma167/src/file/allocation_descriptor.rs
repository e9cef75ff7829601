//! Allocation descriptors: where the parts of a body are.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::address::{BLOCK_BYTES, PartitionReference, RecordedAddress};
use crate::file::{AllocationForm, LbAddr};
use crate::malformed::{Malformed, MalformedKind};

/// What an extent contains (`ECMA-167 4/14.14.1.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtentType {
    /// 0: recorded and allocated.
    Recorded,
    /// 1: allocated but not recorded; reads as zeros.
    AllocatedNotRecorded,
    /// 2: a hole; reads as zeros.
    NotAllocated,
    /// 3: an allocation extent, which contains the next allocation descriptors.
    Continuation,
}

/// Extent length field: bytes in the low 30 bits, type in the top 2 (`ECMA-167 4/14.14.1.1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtentLength(pub u32);

impl ExtentLength {
    /// The largest length of the field, in bytes.
    pub const MAX: u32 = (1 << 30) - 1;
    /// The largest length in bytes of an extent of whole blocks, as every extent of a body but the last is
    /// (`UDF 2.60 2.3.10`).
    pub const MAX_WHOLE_BLOCKS: u32 = (1 << 30) - BLOCK_BYTES;

    /// A length of at most [`Self::MAX`] bytes; a longer one is clamped.
    #[must_use]
    pub const fn new(extent_type: ExtentType, bytes: u32) -> Self {
        let bytes = if bytes > Self::MAX { Self::MAX } else { bytes };
        let top = match extent_type {
            ExtentType::Recorded => 0,
            ExtentType::AllocatedNotRecorded => 1,
            ExtentType::NotAllocated => 2,
            ExtentType::Continuation => 3,
        };
        Self(top << 30 | bytes)
    }

    /// The length in bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self.0 & Self::MAX
    }

    /// The type.
    #[must_use]
    pub const fn extent_type(self) -> ExtentType {
        match self.0 >> 30 {
            0 => ExtentType::Recorded,
            1 => ExtentType::AllocatedNotRecorded,
            2 => ExtentType::NotAllocated,
            _ => ExtentType::Continuation,
        }
    }
}

/// short_ad, 8 bytes: an extent in the partition that contains the descriptor (`ECMA-167 4/14.14.1`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ShortAd {
    /// Type and length, see [`ExtentLength`].
    pub extent_length: U32,
    /// First block.
    pub extent_position: U32,
}

const _: () = assert!(size_of::<ShortAd>() == 8);

impl ShortAd {
    /// An extent of at most [`ExtentLength::MAX`] bytes.
    #[must_use]
    pub const fn new(extent_type: ExtentType, bytes: u32, block: u32) -> Self {
        Self {
            extent_length: U32::new(ExtentLength::new(extent_type, bytes).0),
            extent_position: U32::new(block),
        }
    }

    /// Type and length.
    #[must_use]
    pub fn length(&self) -> ExtentLength {
        ExtentLength(self.extent_length.get())
    }
}

/// long_ad, 16 bytes: an extent in any partition (`ECMA-167 4/14.14.2`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LongAd {
    /// Type and length, see [`ExtentLength`].
    pub extent_length: U32,
    /// First block.
    pub extent_location: LbAddr,
    /// Flags in bytes 0-1 (bit 0: erased), unique identifier in bytes 2-5 (`UDF 2.60 2.3.10.1`).
    pub implementation_use: [u8; 6],
}

const _: () = assert!(size_of::<LongAd>() == 16);

impl LongAd {
    /// An extent of at most [`ExtentLength::MAX`] bytes.
    #[must_use]
    pub fn new(extent_type: ExtentType, bytes: u32, address: RecordedAddress) -> Self {
        Self {
            extent_length: ExtentLength::new(extent_type, bytes).0.into(),
            extent_location: address.into(),
            implementation_use: [0; 6],
        }
    }

    /// The extent of an ICB, one block long.
    #[must_use]
    pub fn icb(address: RecordedAddress) -> Self {
        Self::new(ExtentType::Recorded, BLOCK_BYTES, address)
    }

    /// The same descriptor with the low half of a unique identifier (`UDF 2.60 2.3.4.3`).
    #[must_use]
    pub fn with_unique_id(mut self, unique_id: u32) -> Self {
        self.implementation_use[2..].copy_from_slice(&unique_id.to_le_bytes());
        self
    }

    /// The low half of the unique identifier, in an ICB field of a FID; 0 below UDF 2.00.
    #[must_use]
    pub fn unique_id(&self) -> u32 {
        let [_, _, a, b, c, d] = self.implementation_use;
        u32::from_le_bytes([a, b, c, d])
    }

    /// Type and length.
    #[must_use]
    pub fn length(&self) -> ExtentLength {
        ExtentLength(self.extent_length.get())
    }

    /// First block.
    #[must_use]
    pub fn address(&self) -> RecordedAddress {
        self.extent_location.into()
    }
}

/// ext_ad, 20 bytes (`ECMA-167 4/14.14.3`); UDF does not allow it (`UDF 2.60 2`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ExtendedAd {
    /// Type and length, see [`ExtentLength`].
    pub extent_length: U32,
    /// Bytes recorded; bits 30 and 31 are reserved.
    pub recorded_length: U32,
    /// Bytes of information in the extent.
    pub information_length: U32,
    /// First block.
    pub extent_location: LbAddr,
    /// Zeros.
    pub implementation_use: [u8; 2],
}

const _: () = assert!(size_of::<ExtendedAd>() == 20);

/// One extent of a body, whatever the form of its descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// What the extent contains.
    pub extent_type: ExtentType,
    /// Bytes of the body in the extent, or bytes of the allocation extent.
    pub length: u32,
    /// First block.
    pub address: RecordedAddress,
}

/// Iterates over the allocation descriptors of an ICB or an allocation extent.
///
/// A descriptor of length 0 ends the iteration (`ECMA-167 4/12`). A continuation or an error is the last
/// item. An embedded body yields nothing. The extent of a short_ad is in the `inherited` partition, that of
/// the descriptor itself.
#[must_use]
pub fn parse(form: AllocationForm, inherited: PartitionReference, descriptors: &[u8]) -> Parse<'_> {
    Parse {
        form,
        inherited,
        rest: descriptors,
    }
}

/// Iterator over allocation descriptors, see [`parse`].
#[derive(Clone, Debug)]
pub struct Parse<'a> {
    form: AllocationForm,
    inherited: PartitionReference,
    rest: &'a [u8],
}

fn malformed(kind: MalformedKind) -> Malformed {
    Malformed {
        kind,
        structure: "allocation descriptor",
        clause: "ECMA-167 4/14.14",
    }
}

impl Parse<'_> {
    /// The first of the remaining descriptors.
    fn take<T: FromBytes>(&mut self) -> Result<T, Malformed> {
        let (descriptor, rest) =
            T::read_from_prefix(self.rest).map_err(|_| malformed(MalformedKind::Truncated))?;
        self.rest = rest;
        Ok(descriptor)
    }

    fn step(&mut self) -> Result<Extent, Malformed> {
        let (length, address, bytes) = match self.form {
            AllocationForm::Short | AllocationForm::Embedded => {
                let ad: ShortAd = self.take()?;
                let block = ad.extent_position.get();
                (
                    ad.length(),
                    RecordedAddress {
                        partition: self.inherited,
                        block,
                    },
                    ad.length().bytes(),
                )
            }
            AllocationForm::Long => {
                let ad: LongAd = self.take()?;
                (ad.length(), ad.address(), ad.length().bytes())
            }
            AllocationForm::Extended => {
                let ad: ExtendedAd = self.take()?;
                let length = ExtentLength(ad.extent_length.get());
                (length, ad.extent_location.into(), extended_bytes(length, &ad)?)
            }
        };
        Ok(Extent {
            extent_type: length.extent_type(),
            length: bytes,
            address,
        })
    }
}

/// Bytes of information of an ext_ad. An extent whose recorded length and information length differ is
/// compressed, and an error.
fn extended_bytes(length: ExtentLength, ad: &ExtendedAd) -> Result<u32, Malformed> {
    let information = ad.information_length.get();
    match length.extent_type() {
        ExtentType::Continuation => Ok(length.bytes()),
        _ if information > length.bytes() => Err(malformed(MalformedKind::Field("information length"))),
        ExtentType::Recorded if ad.recorded_length.get() & ExtentLength::MAX != information => {
            Err(malformed(MalformedKind::Field("recorded length")))
        }
        _ => Ok(information),
    }
}

impl Iterator for Parse<'_> {
    type Item = Result<Extent, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.form == AllocationForm::Embedded {
            return None;
        }
        let extent = self.step();
        match extent {
            Ok(Extent { length: 0, .. }) => {
                self.rest = &[];
                return None;
            }
            Err(_)
            | Ok(Extent {
                extent_type: ExtentType::Continuation,
                ..
            }) => self.rest = &[],
            Ok(_) => {}
        }
        Some(extent)
    }
}

#[cfg(test)]
mod tests {
    use zerocopy::IntoBytes;

    use super::*;

    const HERE: PartitionReference = PartitionReference(1);

    fn shorts(descriptors: &[ShortAd]) -> Vec<Result<Extent, Malformed>> {
        parse(AllocationForm::Short, HERE, descriptors.as_bytes()).collect()
    }

    fn extent(extent_type: ExtentType, length: u32, partition: u16, block: u32) -> Extent {
        let partition = PartitionReference(partition);
        Extent {
            extent_type,
            length,
            address: RecordedAddress { partition, block },
        }
    }

    #[test]
    fn a_short_descriptor_refers_to_its_own_partition() {
        let descriptors = [ShortAd::new(ExtentType::Recorded, 5000, 7)];
        assert_eq!(
            shorts(&descriptors),
            [Ok(extent(ExtentType::Recorded, 5000, 1, 7))]
        );
    }

    #[test]
    fn a_long_descriptor_names_its_partition() {
        let address = RecordedAddress {
            partition: PartitionReference(0),
            block: 9,
        };
        let descriptors = [LongAd::new(ExtentType::NotAllocated, 1 << 20, address)];
        let parsed: Vec<_> = parse(AllocationForm::Long, HERE, descriptors.as_bytes()).collect();
        assert_eq!(parsed, [Ok(extent(ExtentType::NotAllocated, 1 << 20, 0, 9))]);
    }

    #[test]
    fn a_length_of_zero_ends_the_descriptors() {
        let recorded = ShortAd::new(ExtentType::Recorded, 2048, 7);
        assert_eq!(shorts(&[recorded, ShortAd::default(), recorded]).len(), 1);
    }

    #[test]
    fn nothing_follows_a_continuation() {
        let continuation = ShortAd::new(ExtentType::Continuation, 2048, 7);
        let recorded = ShortAd::new(ExtentType::Recorded, 2048, 8);
        assert_eq!(
            shorts(&[continuation, recorded]),
            [Ok(extent(ExtentType::Continuation, 2048, 1, 7))]
        );
    }

    #[test]
    fn half_a_descriptor_is_an_error_and_the_last_item() {
        let parsed: Vec<_> = parse(AllocationForm::Long, HERE, &[1; 20]).collect();
        assert_eq!(parsed.len(), 2);
        assert_eq!(parsed[1].unwrap_err().kind, MalformedKind::Truncated);
    }

    #[test]
    fn an_embedded_body_has_no_extents() {
        assert_eq!(
            parse(AllocationForm::Embedded, HERE, b"any text at all").count(),
            0
        );
    }

    #[test]
    fn an_extended_descriptor_may_not_be_compressed() {
        let plain = ExtendedAd {
            extent_length: 4096.into(),
            recorded_length: 3000.into(),
            information_length: 3000.into(),
            ..ExtendedAd::default()
        };
        let compressed = ExtendedAd {
            recorded_length: 2000.into(),
            ..plain
        };
        let descriptors = [plain, compressed];
        let parsed: Vec<_> = parse(AllocationForm::Extended, HERE, descriptors.as_bytes()).collect();
        assert_eq!(parsed[0], Ok(extent(ExtentType::Recorded, 3000, 0, 0)));
        assert_eq!(
            parsed[1].unwrap_err().kind,
            MalformedKind::Field("recorded length")
        );
    }

    #[test]
    fn the_top_two_bits_of_the_length_are_the_type() {
        assert_eq!(ExtentLength::new(ExtentType::NotAllocated, 5).0, 0x8000_0005);
        assert_eq!(ExtentLength(0xC000_0800).extent_type(), ExtentType::Continuation);
        assert_eq!(ExtentLength(0xC000_0800).bytes(), 2048);
        assert_eq!(ExtentLength::MAX_WHOLE_BLOCKS % BLOCK_BYTES, 0);
        assert_eq!(
            ExtentLength::new(ExtentType::Recorded, u32::MAX).0,
            ExtentLength::MAX
        );
    }

    #[test]
    fn bytes_2_to_5_of_the_implementation_use_are_the_unique_identifier() {
        let ad = LongAd::default().with_unique_id(0x0403_0201);
        assert_eq!(ad.implementation_use, [0, 0, 1, 2, 3, 4]);
        assert_eq!(ad.unique_id(), 0x0403_0201);
    }
}

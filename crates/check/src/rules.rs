//! Every rule with its severity, its text, and the clause that states it.
//!
//! If a rule applies to many structures, the clause here is the general one, and a finding cites that of the
//! structure.

use crate::severity::Severity;

macro_rules! rules {
    ($($kind:ident: $severity:ident, $clause:literal, $rule:literal;)*) => {
        /// The rule that does not hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingKind {
            $(#[doc = concat!($rule, " (`", $clause, "`).")] $kind,)*
        }

        impl FindingKind {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The severity of breaking the rule.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)* }
            }

            /// The clause that states the rule.
            #[must_use]
            pub const fn clause(self) -> &'static str {
                match self { $(Self::$kind => $clause,)* }
            }

            /// The text of the rule.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$kind => $rule,)* }
            }

            /// The name of the rule.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => stringify!($kind),)* }
            }
        }
    };
}

rules! {
    // The disc
    Unreadable: Error, "ECMA-167 3/8.1", "blocks of structures and bodies are readable";
    NotRecorded: Error, "ECMA-167 4/14.14.1.1", "extents of type 0 are recorded";
    LimitReached: Warning, "ECMA-167 4/8", "the volume is within the check's limits";
    NotJudged: Note, "UDF 2.60 2.2.8", "this check knows the structure's rules";

    // Recognition
    RecognitionStart: Error, "UDF 2.60 2.1.7", "the recognition sequence begins at byte 32,768 of the session";
    RecognitionBegin: Error, "ECMA-167 2/9.2", "BEA01 precedes the NSR descriptor";
    RecognitionNsr: Error, "ECMA-167 3/9.1", "there is one NSR descriptor";
    RecognitionEnd: Error, "ECMA-167 2/9.3", "TEA01 follows the NSR descriptor";
    RecognitionReserved: Warning, "ECMA-167 2/9.1", "structure type is 0, version 1, data zeros";
    RecognitionTrailing: Warning, "UDF 2.60 2.1.7", "the block after the sequence is unrecorded or zeros";
    RecognitionEdition: Error, "ECMA-167 3/9.1", "the NSR descriptor is NSR02 up to 1.50, NSR03 from 2.00";

    // Tags
    TagIdentifier: Error, "ECMA-167 3/7.2.1", "the tag names the descriptor";
    TagChecksum: Error, "ECMA-167 3/7.2.3", "the tag's checksum is the sum of its other bytes";
    TagVersion: Error, "ECMA-167 3/7.2.2", "the descriptor version is the NSR descriptor's";
    TagReserved: Warning, "ECMA-167 3/7.2.4", "the tag's reserved byte is 0";
    TagSerial: Warning, "UDF 2.60 2.2.1.1", "a volume's tags have one serial number";
    TagCrc: Error, "ECMA-167 3/7.2.6", "the CRC is that of the bytes after the tag";
    TagCrcLength: Warning, "UDF 2.60 2.2.1.2", "the CRC covers the descriptor without its tag";
    TagLocation: Error, "UDF 2.60 2.2.1.3", "the tag location is the descriptor's";

    // Fields of any structure
    Malformed: Error, "ECMA-167 3/8.4", "lengths and counts stay within the descriptor";
    Reserved: Warning, "ECMA-167 1/5", "reserved fields are zeros";
    Trailing: Warning, "ECMA-167 3/8.4.1", "after the descriptor its block is zeros";
    CharacterSet: Warning, "UDF 2.60 2.1.2", "the character set is OSTA compressed Unicode";
    DString: Warning, "UDF 2.60 2.1.3", "a string is CS0 with its length in the last byte";
    DStringPadding: Warning, "ECMA-167 1/7.2.12", "a string is padded with zeros, which its length does not count";
    Timestamp: Warning, "ECMA-167 1/7.3", "date and time are valid, and local time with an offset";
    EntityFlags: Warning, "ECMA-167 1/7.4.1", "flags of entity identifiers are 0";
    EntityIdentifier: Error, "UDF 2.60 2.1.5.2", "the field has the identifier that UDF requires";
    EntityPadding: Warning, "ECMA-167 1/7.4.2", "zeros pad an identifier";
    EntitySuffix: Warning, "UDF 2.60 2.1.5.3", "reserved bytes of identifier suffixes are zeros";
    DeveloperIdentifier: Warning, "UDF 2.60 2.1.5.2", "implementations name themselves by '*' and developer";
    OperatingSystem: Warning, "UDF 2.60 6.3", "operating system class and identifier are known";

    // Anchors and sequences
    AnchorMissing: Error, "ECMA-167 3/8.4.2.1", "at least two of S+256, N-256 and N have anchors";
    AnchorOfOpenSession: Error, "UDF 2.60 6.10.1", "an open session has an anchor at S+256 or S+512";
    AnchorExtent: Error, "ECMA-167 3/7.1", "extents of the volume space are whole sectors inside it";
    AnchorExtentShort: Warning, "UDF 2.60 2.2.3", "volume descriptor sequences have at least 16 sectors";
    AnchorsDiffer: Error, "ECMA-167 3/10.2", "a volume's anchors name equivalent sequences";
    SequencesOverlap: Error, "ECMA-167 3/8.4.2.2", "main and reserve sequences do not overlap";
    SequenceUnreadable: Error, "ECMA-167 3/8.4.2", "main and reserve sequences are recorded";
    SequencesDiffer: Error, "ECMA-167 3/8.4.2.2", "main and reserve sequences are equivalent";
    SequencesDifferInIdentity: Warning, "ECMA-167 3/8.4.2.2", "main and reserve sequences share times, volume set identifiers and implementations";
    SequenceUnterminated: Warning, "ECMA-167 3/10.9", "a terminating descriptor ends a sequence";
    SequenceTrailing: Warning, "ECMA-167 3/8.4.2", "a sequence has nothing recorded after its end";
    SequencePointer: Error, "ECMA-167 3/10.3", "volume descriptor pointers lead forward";
    SequenceDescriptor: Error, "ECMA-167 3/8.4.2", "a sequence contains only volume descriptors";
    SequencePrimary: Error, "UDF 2.60 2", "one primary volume descriptor prevails";
    SequenceImplementationUse: Warning, "UDF 2.60 2.2.7", "there is an implementation use volume descriptor *UDF LV Info";
    SequenceLogical: Error, "UDF 2.60 2", "one logical volume descriptor prevails";
    SequenceUnallocated: Warning, "UDF 2.60 2.2.5", "there is an unallocated space descriptor";
    SequenceNumbers: Error, "ECMA-167 3/8.4.3", "descriptors of one kind and number differ only in tags";
    SessionsDiffer: Error, "UDF 2.60 6.10.3", "all sessions of a volume with a VAT describe one volume, partition and file set";
    SessionsOfTheirOwn: Note, "UDF 2.60 6.10.3", "a session without a VAT describes the volume of the session before it";

    // Primary volume descriptor
    PrimaryNumber: Warning, "UDF 2.60 2.2.2", "primary volume descriptor number is 0";
    VolumeSequenceNumber: Warning, "ECMA-167 3/10.1.5", "volume sequence number is 1 to the maximum";
    InterchangeLevel: Warning, "UDF 2.60 2.2.2.1", "interchange level is 2 for one volume, 3 for several";
    MaximumInterchangeLevel: Warning, "UDF 2.60 2.2.2.2", "maximum interchange level is 2 or 3, not below the interchange level";
    CharacterSetList: Warning, "UDF 2.60 2.2.2.3", "character set lists are 1, CS0";
    VolumeSetIdentifier: Warning, "UDF 2.60 2.2.2.5", "the volume set identifier's first 16 characters make it unique, 8 of them hexadecimal";
    VolumeIdentifierEmpty: Warning, "UDF 2.60 2.2.2", "the volume has a name";
    PrimaryExtent: Warning, "ECMA-167 3/10.1.13", "volume abstract and copyright notice are absent or within the volume";
    PrimaryPredecessor: Warning, "ECMA-167 3/10.1.20", "the sequence has no predecessor";
    PrimaryFlags: Warning, "ECMA-167 3/10.1.21", "only bit 0 of the flags is used";

    // Partition descriptor
    PartitionFlags: Warning, "ECMA-167 3/10.5.3", "partition flags are 1: space is allocated";
    PartitionContents: Error, "ECMA-167 3/10.5.5", "partition contents are +NSR02 up to 1.50, +NSR03 from 2.00";
    PartitionHeader: Error, "UDF 2.60 6.10.1", "a write-once partition has no space tables, bitmaps or integrity table";
    PartitionAccess: Error, "UDF 2.60 2.2.14.2", "the access type is known: write once under a virtual partition, pseudo-overwritable from 2.60 on";
    PartitionExtent: Error, "ECMA-167 3/10.5.8", "the partition is within the volume space";
    PartitionBeyondEnd: Warning, "ECMA-167 3/10.5.8", "unless write once, a partition ends within the image";
    PartitionsOverlap: Error, "UDF 2.60 2.2.14", "partitions do not overlap";

    // Logical volume descriptor
    LogicalBlockSize: Error, "UDF 2.60 2.2.4.2", "logical block size is the sector size";
    Domain: Error, "UDF 2.60 2.2.4.3", "the domain identifier is *OSTA UDF Compliant";
    DomainFlags: Warning, "UDF 2.60 2.1.5.3", "only domain flags 0 and 1 are used";
    WriteProtected: Note, "UDF 2.60 2.1.5.3", "no domain flag write-protects the volume";
    Revision: Error, "UDF 2.60 2.1.5.3", "the revision is published";
    RevisionsDiffer: Error, "UDF 2.60 2.1.5.3", "identifiers that readers rely on state one revision";
    InformationRevision: Warning, "UDF 2.60 2.1.5.3", "*UDF LV Info states the volume's revision";
    PartitionMaps: Error, "ECMA-167 3/10.7", "partition maps have their type's length and fill the map table";
    PartitionMapPartition: Error, "ECMA-167 3/10.7.2.4", "maps refer to partition descriptors of the sequence";
    PartitionMapVolume: Warning, "ECMA-167 3/10.7.2.3", "maps refer to this volume";
    PartitionMapOrder: Warning, "UDF 2.60 2.2.8", "the type 1 map precedes the virtual one";
    PartitionMapVirtual: Error, "UDF 2.60 2.2.8", "one type 1 and one virtual map share a partition number";
    PartitionMapMetadata: Error, "UDF 2.60 2.2.10", "a write-once partition has no metadata partition";
    NoVirtualPartition: Note, "UDF 2.60 6.10.1", "a write-once volume has a virtual partition";
    SparingMap: Error, "UDF 2.60 2.2.9", "a sparable map has packets of 16 or 32 blocks, and 1 to 4 tables at different places";
    SparingTable: Error, "UDF 2.60 2.2.12", "a sparing table fits its place, with its entries in order";
    SparingTablesDiffer: Error, "UDF 2.60 2.2.12", "a partition's sparing tables are equal";
    SparingEntry: Error, "UDF 2.60 2.2.12", "a packet is spared at most once, to its own place";
    MetadataMap: Error, "UDF 2.60 2.2.10", "a metadata map names file and mirror in the partition below, and valid units";
    MetadataFile: Error, "UDF 2.60 2.2.13", "metadata file, mirror and bitmap have file types 250, 251, 252 and extents in the partition below";
    MetadataLinkCount: Warning, "UDF 2.60 2.2.13", "no FID names metadata file, mirror or bitmap: their link counts are 0";
    MetadataMirror: Error, "UDF 2.60 2.2.13", "the mirror names the metadata file's blocks, or others with equal contents, as the map states";
    MetadataUnit: Warning, "UDF 2.60 2.2.13", "the metadata file's extents are whole, aligned allocation units";
    FileSetExtent: Error, "UDF 2.60 2.2.4.4", "the logical volume names its file set descriptor's extent";

    // Unallocated space, information, integrity
    UnallocatedExtent: Warning, "ECMA-167 3/10.8", "unallocated space is within the volume, outside partitions";
    IntegrityMissing: Error, "UDF 2.60 2.2.6", "there is an integrity descriptor";
    IntegrityType: Error, "UDF 2.60 6.10.1", "with a VAT the integrity descriptor is open";
    IntegrityPartitions: Error, "ECMA-167 3/10.10.6", "integrity tables have one number per partition map";
    IntegrityUse: Warning, "UDF 2.60 2.2.6.4", "implementation use has at least 46 bytes";
    IntegrityOpen: Warning, "ECMA-167 3/10.10.3", "the volume was closed after its last change";
    IntegrityFreeSpace: Warning, "UDF 2.60 2.2.6.2", "free space is 0xFFFFFFFF in a virtual partition, else the bitmap's, or 0 without one";
    IntegrityCounts: Warning, "UDF 2.60 2.2.6.4", "numbers of files and directories are the tree's; with a VAT older but possible";
    IntegritySize: Warning, "UDF 2.60 2.2.6.3", "a virtual partition's size is 0xFFFFFFFF, another's its length";
    IntegrityRevisions: Error, "UDF 2.60 2.2.6.4", "minimum read, minimum write and maximum write revision are published and agree";
    IntegrityUniqueId: Error, "UDF 2.60 3.2.1.1", "the next unique ID is at least 16 and, without a VAT, above all in use";
    SpaceBitmap: Error, "ECMA-167 4/14.12", "a space bitmap has one bit per block of its partition";
    SpaceFree: Error, "ECMA-167 4/10.1", "blocks in use are not free";
    SpaceLost: Warning, "ECMA-167 4/10.1", "blocks that belong to nothing are free";
    NameDiffers: Warning, "UDF 2.60 2.2.7.2", "the logical volume has one name in all places";

    // VAT
    VatMissing: Error, "UDF 2.60 2.2.11", "a VAT ICB is recorded";
    VatIcbNotLast: Error, "UDF 2.60 6.10.1", "the VAT ICB is the last recorded block";
    VatFileType: Error, "UDF 2.60 2.2.11", "the VAT ICB's file type is 248 from 2.00 on, 0 before";
    VatLinkCount: Warning, "ECMA-167 4/14.9.6", "no FID names the VAT: its link count is 0";
    VatSideIcb: Warning, "UDF 2.60 2.2.11", "the VAT has neither streams nor extended attributes outside its ICB";
    VatLength: Error, "UDF 2.60 2.2.11", "the VAT is a header or tail, and whole entries";
    VatHeader: Error, "UDF 2.60 2.2.11", "the header is 152 bytes plus its implementation use, a multiple of 4";
    VatTail: Error, "UDF 1.50 2.2.10", "the VAT ends with *UDF Virtual Alloc Tbl and the previous location";
    VatRevisions: Error, "UDF 2.60 2.2.11", "minimum read, minimum write and maximum write revision are published and agree";
    VatNotReadable: Error, "UDF 2.60 2.2.11", "every block of the VAT is readable";
    VatEntry: Error, "UDF 2.60 2.2.11", "an entry is a block of the partition, or 0xFFFFFFFF";
    VatEntryNotRecorded: Error, "UDF 2.60 2.2.11", "an entry names a recorded block";
    VatEntryIcb: Error, "UDF 2.60 2.2.11", "an entry names a file set descriptor or ICB";
    VatUnreached: Warning, "UDF 2.60 2.2.11", "the file set leads to what an entry names";
    VatSelfNumbered: Warning, "UDF 2.60 2.2.11", "a node's block is not its virtual address (Linux would take the node for the VAT)";
    VatChain: Error, "UDF 2.60 2.2.11", "the previous VAT ICB is before this one";
    VatChainIcb: Error, "UDF 2.60 2.2.11", "the previous VAT ICB location names a VAT ICB";
    VatChainMissing: Warning, "UDF 2.60 2.2.11", "the chain of VATs leads through each closed session's end";
    VatLeftOut: Warning, "UDF 2.60 2.2.11", "the chain of VATs leaves out no recorded VAT";
    VatCopiesDiffer: Error, "UDF 2.60 2.2.11", "copies of the VAT ICB before N are the same VAT (some drives are a few blocks off)";
    VatExtension: Error, "UDF 1.50 3.3.4.5.1.3", "*UDF VAT LVExtension has its VAT ICB's unique ID";
    VatExtensionMissing: Warning, "UDF 1.50 3.3.4.5.1.3", "the VAT ICB has *UDF VAT LVExtension";
    VatFiles: Warning, "UDF 2.60 2.2.6.4", "the number of files is that of their FIDs";
    VatDirectories: Warning, "UDF 2.60 2.2.6.4", "the number of directories is the tree's";
    VatUniqueId: Error, "UDF 2.60 3.2.1.1", "the VAT ICB's unique ID is above all in use";

    // File set
    FileSetNumber: Warning, "UDF 2.60 2.3.2", "file set number and file set descriptor number are 0";
    FileSetLevel: Warning, "UDF 2.60 2.3.2.1", "the file set's interchange level and maximum interchange level are 3";
    FileSetNext: Warning, "UDF 2.60 2.3.2", "there is one file set";
    RootIcb: Error, "ECMA-167 4/14.1.15", "the file set names its root directory";
    StreamDirectory: Warning, "UDF 2.60 2.3.2", "there is no stream directory before 2.00";

    // Addresses
    PartitionReference: Error, "ECMA-167 4/7.1.2", "a partition reference has a map";
    OutsidePartition: Error, "ECMA-167 4/7.1.1", "extents are within their partition";
    VirtualAddressUnknown: Error, "UDF 2.60 2.2.11", "virtual addresses in use have VAT entries";
    IcbExtent: Error, "ECMA-167 4/14.4.5", "an ICB is a recorded extent of one block, or with strategy 4096 of several";
    AddressUse: Warning, "UDF 2.60 2.3.10.1", "reserved bits of a long_ad's implementation use are 0";

    // ICB
    IcbStrategy: Error, "UDF 2.60 2.3.5.1", "the strategy is 4 (or 4096)";
    IcbStrategyParameter: Warning, "UDF 2.60 2.3.5.1", "with strategy 4 the parameter is 0, with at most 1 entry, none before";
    IcbFileType: Error, "UDF 2.60 2.3.5.2", "the file type fits the ICB's use";
    IcbParent: Warning, "UDF 2.60 2.3.5.3", "the parent ICB location is 0";
    IcbFlags: Warning, "UDF 2.60 2.3.5.4", "sorted, transformed, multi-version and reserved flags are 0";
    IcbStreamFlag: Warning, "ECMA-167 4/14.6.8", "only streams have the stream flag";
    IcbForm: Error, "UDF 2.60 2.3.10", "allocation descriptors are short_ads, long_ads, or the body itself";
    Permissions: Warning, "ECMA-167 4/14.9.5", "reserved permission bits are 0";
    LinkCount: Error, "ECMA-167 4/14.9.6", "the link count is the number of FIDs naming the node";
    LinkCountReadOnly: Warning, "ECMA-167 4/14.9.6", "on a read-only volume, the link count is the number of FIDs naming the node";
    RecordFormat: Warning, "UDF 2.60 2.3.6.1", "record format, display attributes and length are 0";
    InformationLength: Error, "ECMA-167 4/14.9.10", "the information length is the body's";
    ObjectSize: Warning, "ECMA-167 4/14.17.11", "the object size is the information length of body and all streams";
    BlocksRecorded: Warning, "ECMA-167 4/14.9.11", "logical blocks recorded is the body's number of recorded blocks";
    Checkpoint: Warning, "ECMA-167 4/14.9.15", "the checkpoint is at least 1";
    DescriptorLength: Error, "ECMA-167 4/14.9.22", "allocation descriptors are whole";
    EntryEdition: Error, "UDF 2.60 2.3.6", "there are no extended file entries before 2.00";
    RootUniqueId: Warning, "UDF 2.60 3.2.1.1", "the root directory's unique ID is 0";
    UniqueIdReserved: Warning, "UDF 2.60 3.2.1.1", "a unique ID's low 32 bits are at least 16";
    UniqueIdTwice: Error, "UDF 2.60 3.2.1.1", "no two nodes share a unique ID";

    NodeOfTwoKinds: Error, "UDF 2.60 3.3.5.1", "a node is one of these: in the tree, a stream directory, a stream, extended attributes";
    SideTwice: Error, "UDF 2.60 3.3.5.1", "stream directories and extended attributes belong to one node, and streams have one name";

    // Bodies
    StreamOfStream: Warning, "UDF 2.60 3.3.5.1", "streams, stream directories and extended attributes have none of their own";
    BodyOfSpecial: Warning, "ECMA-167 4/14.6.6", "devices, FIFOs and sockets have no body";
    BodyInVirtualSpace: Warning, "UDF 2.60 2.2.8", "bodies are in physical space (readers take short_ads for physical blocks, or ignore them)";
    ExtentNotWhole: Error, "ECMA-167 4/12", "extents except the last are whole blocks";
    ExtentTooLong: Error, "UDF 2.60 2.3.10", "an extent is at most 2^30 bytes less a block";
    ExtentLocation: Warning, "ECMA-167 4/14.14.1.2", "extents not allocated have location 0";
    ExtentTail: Warning, "ECMA-167 4/12.1", "space allocated after a body's end is not recorded";
    ExtentsOverlap: Error, "ECMA-167 4/8.8", "a block belongs to one structure or body, unless whole extents are shared";
    ExtentShared: Note, "ECMA-167 4/8.8", "a whole extent belongs to one file, if nothing is ever freed";
    ExtentSharedRewritable: Warning, "ECMA-167 4/8.8", "a whole extent is named once, if blocks can be freed or overwritten";
    DescriptorsTrailing: Warning, "ECMA-167 4/12", "nothing follows the terminating allocation descriptor";
    ContinuationLength: Warning, "UDF 2.60 2.3.11", "an allocation extent is at most one block";
    ContinuationLoop: Error, "ECMA-167 4/12", "allocation extents lead forward";
    ContinuationPrevious: Warning, "UDF 2.60 2.3.11", "the previous allocation extent location is 0";

    // Extended attributes
    AttributeHeader: Warning, "ECMA-167 4/14.10.1", "attribute locations are those of their kind's first attribute, or 0xFFFFFFFF";
    AttributeLength: Error, "UDF 2.60 3.3.4", "attributes are whole, and their lengths multiples of 4 bytes";
    AttributeOrder: Warning, "ECMA-167 4/9.1", "attributes are in order of kind";
    AttributeReserved: Warning, "ECMA-167 4/14.10.2", "an attribute's reserved bytes are zeros, its subtype is 1";
    AttributeChecksum: Error, "UDF 2.60 3.3.4.5", "a UDF attribute's header checksum is the sum of its header";
    AttributeType: Warning, "UDF 2.60 3.3.4.2", "alternate permissions are not recorded";
    DeviceMissing: Error, "UDF 2.60 3.3.4.4", "a device has a device specification";
    DeviceUnexpected: Warning, "ECMA-167 4/14.10.7", "only a device has a device specification";
    DeviceUse: Warning, "UDF 2.60 3.3.4.4", "the device specification names its implementation";

    // Directories
    FidTooLong: Error, "UDF 2.60 2.3.4", "a FID is at most a block long";
    FidTruncated: Error, "ECMA-167 4/8.6", "a directory consists of whole FIDs";
    FidCrcLength: Error, "UDF 2.60 2.3.4", "the CRC covers the whole FID (Linux refuses the directory otherwise)";
    FidVersion: Warning, "UDF 2.60 2.3.4.1", "the file version number is 1";
    FidCharacteristics: Warning, "ECMA-167 4/14.4.3", "reserved file characteristics are 0";
    FidMetadata: Warning, "ECMA-167 4/14.4.3", "the metadata bit is set only in stream directories";
    FidUse: Warning, "UDF 2.60 2.3.4.4", "implementation use is absent, or at least 32 bytes, a multiple of 4, beginning with an entity identifier";
    FidPadding: Warning, "ECMA-167 4/14.4.9", "the padding is zeros";
    FidTagCrossesBlock: Warning, "UDF 2.60 2.3.4.4", "on write-once media no FID's tag crosses a block border";
    FidName: Error, "UDF 2.60 2.3.4.6", "file identifiers are CS0";
    FidNameEmpty: Error, "ECMA-167 4/14.4.4", "only the parent's file identifier is empty";
    FidNameSeparator: Error, "UDF 2.60 4.2.2.1", "a name has no '/' or NUL, and is not '.' or '..'";
    FidParentFirst: Error, "UDF 2.60 2.3.4", "a directory's first FID is its parent's";
    FidParentTwice: Error, "ECMA-167 4/8.6", "a directory has one FID of its parent";
    FidParentIcb: Error, "ECMA-167 4/8.6", "the parent's FID names the parent directory";
    FidParentName: Warning, "ECMA-167 4/14.4.4", "the parent's FID has no identifier and is a directory's";
    FidDeletedIcb: Warning, "UDF 2.60 2.3.4.3", "a deleted FID has no ICB";
    FidDeletedName: Warning, "UDF 2.60 2.3.4.2", "a deleted FID has compression ID 254 or 255";
    FidNameTwice: Error, "ECMA-167 4/8.6", "no two FIDs of a directory share a name";
    FidDirectoryBit: Error, "ECMA-167 4/14.4.3", "the directory bit is set for directories";
    FidUniqueId: Warning, "UDF 2.60 2.3.4.3", "from 2.00 on a FID has a unique ID: the low half of its node's, or one that no other node has";
    FidUniqueIdOther: Note, "UDF 2.60 2.3.4.3", "a FID has its node's unique ID, if the node's first name still exists";
    FidUniqueIdTwice: Error, "UDF 2.60 3.2.1.1", "no two FIDs share a unique ID";
    FidUniqueIdOfParent: Warning, "UDF 2.60 2.3.4.3", "the parent's FID has the parent's unique ID";
    DirectoryTwice: Error, "ECMA-167 4/8.5", "one FID names a directory";
    DirectoryLoop: Error, "ECMA-167 4/8.5", "directories are a tree";
    PathLength: Warning, "UDF 2.60 2", "a path has at most 1,023 bytes";
    DirectoryLength: Error, "ECMA-167 4/8.6", "a directory is no longer than all that is recorded on the medium";

    // Symbolic links
    PathComponent: Error, "ECMA-167 4/14.16", "symbolic links are whole path components of known types";
    PathComponentLength: Error, "ECMA-167 4/14.16.1.2", "components that are names have an identifier, others none";
    PathComponentVersion: Warning, "UDF 2.60 2.3.12.1", "a component's version number is 0";
    PathComponentName: Error, "UDF 2.60 2.3.12.1", "a component's identifier is CS0";
    PathEmpty: Warning, "ECMA-167 4/8.7", "a symbolic link has a path";

    // Sessions
    SessionEndAnchor: Error, "UDF 2.60 6.10.1.2", "a closed session has an anchor at N-256";
    SessionEndVat: Error, "UDF 2.60 6.10.1.2", "a closed session ends with a VAT ICB at N";
    SessionEndUnknown: Note, "UDF 2.60 6.10.1.2", "the drive reports where a closed session ends";
    SessionRecognition: Error, "UDF 2.60 6.10.3", "each session has a recognition sequence at S+16";
    SessionAnchor: Error, "UDF 2.60 6.10.3", "each session has an anchor at S+256";
    SessionSetAside: Warning, "UDF 2.60 6.10.3", "each session before the volume's last belongs to it";

    // Two volumes on a disc
    CompanionDiffers: Error, "oncefs, two volumes", "both logical volume descriptors say the same about the plain volume, and which of the two each is";
    VatVolumeAnchor: Error, "oncefs, two volumes", "a session with a plain volume has the VAT volume's anchor at S+512";
    PlainVolumeMissing: Note, "oncefs, two volumes", "each closed session of a disc with plain volumes has one";
    ClosingInterrupted: Warning, "oncefs, two volumes", "a closing that was begun is complete; `oncefs close` completes this one";
    PlainPlacement: Error, "oncefs, two volumes", "a plain volume's *UDF LV Info says where its structures, VAT ICB, zeros, reserve sequence and N are, and its partition ends at that sequence";
    PlainTail: Error, "oncefs, two volumes", "only its anchors, up to N, and zeros follow a plain volume's reserve sequence";
    PlainNames: Error, "oncefs, two volumes", "a plain volume's directory has the names of the generation it shows, except those left out";
    PlainNode: Error, "oncefs, two volumes", "a plain volume's node has the kind, size, mode, owner, times, links and unique ID of the node it shows";
    PlainData: Error, "oncefs, two volumes", "a plain volume's file has the data of the file it shows, or a copy";

    // The bridge
    BridgeDescriptor: Error, "ECMA-119 8.4", "primary and Joliet descriptors and terminator are at S+16, with the standard's fields";
    BridgePathTable: Error, "ECMA-119 6.9.1", "path tables L and M list every directory, by level, parent and identifier";
    BridgeRecord: Error, "ECMA-119 9.1", "a directory record is whole, in one block, with the standard's fields";
    BridgeOwnRecords: Error, "ECMA-119 6.8.2.2", "a directory's first two records are its own and its parent's";
    BridgeIdentifier: Error, "ECMA-119 7.5", "an identifier has the characters and length that its tree allows";
    BridgeOrder: Error, "ECMA-119 9.3", "a directory's records are in order, and no two share an identifier";
    BridgeSystemUse: Error, "SUSP 1.12 4", "system use is whole entries, including PX and NM, and the root announces Rock Ridge";
    BridgeNames: Error, "oncefs, bridge", "a bridge directory has a record for each child and nothing else";
    BridgeShows: Error, "oncefs, bridge", "a record describes a child as UDF does: its data, time, mode, owner, links, target";
}

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
    Unreadable: Error, "ECMA-167 3/8.1", "a block of a structure or body can be read";
    NotRecorded: Error, "ECMA-167 4/14.14.1.1", "an extent of type 0 is recorded";
    LimitReached: Warning, "ECMA-167 4/8", "the volume is within the limits of the check";
    NotJudged: Note, "UDF 2.60 2.2.8", "this check knows the rules of the structure";

    // Recognition
    RecognitionStart: Error, "UDF 2.60 2.1.7", "the recognition sequence begins at byte 32,768 of the session";
    RecognitionBegin: Error, "ECMA-167 2/9.2", "BEA01 precedes the NSR descriptor";
    RecognitionNsr: Error, "ECMA-167 3/9.1", "there is one NSR descriptor";
    RecognitionEnd: Error, "ECMA-167 2/9.3", "TEA01 follows the NSR descriptor";
    RecognitionReserved: Warning, "ECMA-167 2/9.1", "structure type is 0, version 1, structure data zeros";
    RecognitionTrailing: Warning, "UDF 2.60 2.1.7", "the block after the sequence is unrecorded or zeros";
    RecognitionEdition: Error, "ECMA-167 3/9.1", "the NSR descriptor fits the revision: NSR02 up to 1.50, NSR03 from 2.00";

    // Tags
    TagIdentifier: Error, "ECMA-167 3/7.2.1", "the descriptor tag names the descriptor";
    TagChecksum: Error, "ECMA-167 3/7.2.3", "the checksum of the tag is the sum of its other bytes";
    TagVersion: Error, "ECMA-167 3/7.2.2", "the descriptor version is that of the NSR descriptor";
    TagReserved: Warning, "ECMA-167 3/7.2.4", "the reserved byte of the tag is 0";
    TagSerial: Warning, "UDF 2.60 2.2.1.1", "all tags of a volume have one serial number";
    TagCrc: Error, "ECMA-167 3/7.2.6", "the CRC is that of the bytes after the tag";
    TagCrcLength: Warning, "UDF 2.60 2.2.1.2", "the CRC covers the descriptor without its tag";
    TagLocation: Error, "UDF 2.60 2.2.1.3", "the tag location is that of the descriptor";

    // Fields of any structure
    Malformed: Error, "ECMA-167 3/8.4", "lengths and counts stay within the descriptor";
    Reserved: Warning, "ECMA-167 1/5", "a reserved field is zeros";
    Trailing: Warning, "ECMA-167 3/8.4.1", "the rest of a descriptor's block is zeros";
    CharacterSet: Warning, "UDF 2.60 2.1.2", "the character set is OSTA compressed Unicode";
    DString: Warning, "UDF 2.60 2.1.3", "a string is CS0 with its length in the last byte";
    DStringPadding: Warning, "ECMA-167 1/7.2.12", "the bytes between a string and its length are zeros, which the length does not count";
    Timestamp: Warning, "ECMA-167 1/7.3", "date and time are valid, and local time with an offset";
    EntityFlags: Warning, "ECMA-167 1/7.4.1", "the flags of an entity identifier are 0";
    EntityIdentifier: Error, "UDF 2.60 2.1.5.2", "the field contains the identifier that UDF requires";
    EntityPadding: Warning, "ECMA-167 1/7.4.2", "an identifier is padded with zeros";
    EntitySuffix: Warning, "UDF 2.60 2.1.5.3", "reserved bytes of an identifier suffix are zeros";
    DeveloperIdentifier: Warning, "UDF 2.60 2.1.5.2", "an implementation names itself by '*' and its developer";
    OperatingSystem: Warning, "UDF 2.60 6.3", "operating system class and identifier are known ones";

    // Anchors and sequences
    AnchorMissing: Error, "ECMA-167 3/8.4.2.1", "there are anchors at two or more of S+256, N-256 and N";
    AnchorOfOpenSession: Error, "UDF 2.60 6.10.1", "an open session has an anchor at S+256 or S+512";
    AnchorExtent: Error, "ECMA-167 3/7.1", "an extent of the volume space consists of whole sectors inside it";
    AnchorExtentShort: Warning, "UDF 2.60 2.2.3", "a volume descriptor sequence has at least 16 sectors";
    AnchorsDiffer: Error, "ECMA-167 3/10.2", "the anchors of a volume name equivalent sequences";
    SequencesOverlap: Error, "ECMA-167 3/8.4.2.2", "main and reserve sequences do not overlap";
    SequenceUnreadable: Error, "ECMA-167 3/8.4.2", "main and reserve sequences are both recorded";
    SequencesDiffer: Error, "ECMA-167 3/8.4.2.2", "main and reserve sequences are equivalent";
    SequencesDifferInIdentity: Warning, "ECMA-167 3/8.4.2.2", "main and reserve sequences have the same times, volume set identifiers and implementations";
    SequenceUnterminated: Warning, "ECMA-167 3/10.9", "a terminating descriptor ends a sequence";
    SequenceTrailing: Warning, "ECMA-167 3/8.4.2", "nothing is recorded in a sequence after its end";
    SequencePointer: Error, "ECMA-167 3/10.3", "volume descriptor pointers lead forward, never back";
    SequenceDescriptor: Error, "ECMA-167 3/8.4.2", "a sequence contains only volume descriptors";
    SequencePrimary: Error, "UDF 2.60 2", "there is one prevailing primary volume descriptor";
    SequenceImplementationUse: Warning, "UDF 2.60 2.2.7", "there is an implementation use volume descriptor *UDF LV Info";
    SequenceLogical: Error, "UDF 2.60 2", "there is one prevailing logical volume descriptor";
    SequenceUnallocated: Warning, "UDF 2.60 2.2.5", "there is an unallocated space descriptor";
    SequenceNumbers: Error, "ECMA-167 3/8.4.3", "descriptors of one kind and number are equal except for their tags";
    SessionsDiffer: Error, "UDF 2.60 6.10.3", "the sequences of all sessions describe one volume, partition and file set";

    // Primary volume descriptor
    PrimaryNumber: Warning, "UDF 2.60 2.2.2", "primary volume descriptor number is 0";
    VolumeSequenceNumber: Warning, "ECMA-167 3/10.1.5", "volume sequence number is from 1 up to the maximum";
    InterchangeLevel: Warning, "UDF 2.60 2.2.2.1", "interchange level is 2 for one volume, 3 for several";
    MaximumInterchangeLevel: Warning, "UDF 2.60 2.2.2.2", "maximum interchange level is 2 or 3, and not below the interchange level";
    CharacterSetList: Warning, "UDF 2.60 2.2.2.3", "character set lists are 1, CS0";
    VolumeSetIdentifier: Warning, "UDF 2.60 2.2.2.5", "the first 16 characters make the volume set identifier unique, 8 of them hexadecimal";
    VolumeIdentifierEmpty: Warning, "UDF 2.60 2.2.2", "the volume has a name";
    PrimaryExtent: Warning, "ECMA-167 3/10.1.13", "volume abstract and copyright notice are within the volume, or absent";
    PrimaryPredecessor: Warning, "ECMA-167 3/10.1.20", "there is no predecessor of the sequence";
    PrimaryFlags: Warning, "ECMA-167 3/10.1.21", "only bit 0 of the flags is used";

    // Partition descriptor
    PartitionFlags: Warning, "ECMA-167 3/10.5.3", "partition flags are 1: space is allocated";
    PartitionContents: Error, "ECMA-167 3/10.5.5", "partition contents are +NSR02 up to UDF 1.50, +NSR03 from 2.00";
    PartitionHeader: Error, "UDF 2.60 6.10.1", "a write-once partition has no space tables, bitmaps and integrity table";
    PartitionAccess: Error, "UDF 2.60 2.2.14.2", "the access type is a known one: write once under a virtual partition, pseudo-overwritable from 2.60 on";
    PartitionExtent: Error, "ECMA-167 3/10.5.8", "the partition is within the volume space";
    PartitionBeyondEnd: Warning, "ECMA-167 3/10.5.8", "a partition that is not write once ends before the end of the image";
    PartitionsOverlap: Error, "UDF 2.60 2.2.14", "partitions do not overlap";

    // Logical volume descriptor
    LogicalBlockSize: Error, "UDF 2.60 2.2.4.2", "logical block size is the sector size, 2048";
    Domain: Error, "UDF 2.60 2.2.4.3", "the domain identifier is *OSTA UDF Compliant";
    DomainFlags: Warning, "UDF 2.60 2.1.5.3", "only bits 0 and 1 of the domain flags are used";
    WriteProtected: Note, "UDF 2.60 2.1.5.3", "the domain flags do not write-protect the volume";
    Revision: Error, "UDF 2.60 2.1.5.3", "the revision is a published one";
    RevisionsDiffer: Error, "UDF 2.60 2.1.5.3", "all identifiers that readers rely on state the same revision";
    InformationRevision: Warning, "UDF 2.60 2.1.5.3", "*UDF LV Info states the revision of the volume";
    PartitionMaps: Error, "ECMA-167 3/10.7", "partition maps fill the map table, each with the length of its type";
    PartitionMapPartition: Error, "ECMA-167 3/10.7.2.4", "a map refers to a partition descriptor of the sequence";
    PartitionMapVolume: Warning, "ECMA-167 3/10.7.2.3", "a map refers to this volume";
    PartitionMapOrder: Warning, "UDF 2.60 2.2.8", "the type 1 map precedes the virtual one";
    PartitionMapVirtual: Error, "UDF 2.60 2.2.8", "one type 1 and one virtual map refer to one partition number";
    PartitionMapMetadata: Error, "UDF 2.60 2.2.10", "a write-once partition has no metadata partition";
    NoVirtualPartition: Note, "UDF 2.60 6.10.1", "a write-once volume has a virtual partition";
    SparingMap: Error, "UDF 2.60 2.2.9", "a sparable map has packets of 16 or 32 blocks, and one to four tables at different places";
    SparingTable: Error, "UDF 2.60 2.2.12", "a sparing table fits its place, and its entries are in order";
    SparingTablesDiffer: Error, "UDF 2.60 2.2.12", "the sparing tables of a partition are equal";
    SparingEntry: Error, "UDF 2.60 2.2.12", "each packet of the partition is spared at most once, to a place of its own";
    MetadataMap: Error, "UDF 2.60 2.2.10", "a metadata map names a file and a mirror in the partition below, and valid units";
    MetadataFile: Error, "UDF 2.60 2.2.13", "metadata file, mirror and bitmap have the file types 250, 251, 252 and extents in the partition below";
    MetadataLinkCount: Warning, "UDF 2.60 2.2.13", "no FID names metadata file, mirror or bitmap: their link counts are 0";
    MetadataMirror: Error, "UDF 2.60 2.2.13", "the mirror names the same blocks as the metadata file, or others with equal contents, as the map states";
    MetadataUnit: Warning, "UDF 2.60 2.2.13", "extents of the metadata file are whole, aligned allocation units";
    FileSetExtent: Error, "UDF 2.60 2.2.4.4", "the logical volume names the extent of its file set descriptor";

    // Unallocated space, information, integrity
    UnallocatedExtent: Warning, "ECMA-167 3/10.8", "unallocated space is within the volume and outside of partitions";
    IntegrityMissing: Error, "UDF 2.60 2.2.6", "there is a logical volume integrity descriptor";
    IntegrityType: Error, "UDF 2.60 6.10.1", "the integrity descriptor of a volume with a VAT is open";
    IntegrityPartitions: Error, "ECMA-167 3/10.10.6", "the integrity tables have one number for each partition map";
    IntegrityUse: Warning, "UDF 2.60 2.2.6.4", "the implementation use has at least 46 bytes";
    IntegrityOpen: Warning, "ECMA-167 3/10.10.3", "the volume was closed after its last change";
    IntegrityFreeSpace: Warning, "UDF 2.60 2.2.6.2", "free space of the virtual partition is 0xFFFFFFFF; of others it is that of their bitmap, or 0 without one";
    IntegrityCounts: Warning, "UDF 2.60 2.2.6.4", "numbers of files and directories are those of the tree; with a VAT they are older but possible";
    IntegritySize: Warning, "UDF 2.60 2.2.6.3", "size of the virtual partition is 0xFFFFFFFF; of others it is their length";
    IntegrityRevisions: Error, "UDF 2.60 2.2.6.4", "minimum read, minimum write and maximum write revision are published ones and agree";
    IntegrityUniqueId: Error, "UDF 2.60 3.2.1.1", "the next unique ID is at least 16 and, without a VAT, above all in use";
    SpaceBitmap: Error, "ECMA-167 4/14.12", "a space bitmap has one bit for each block of its partition";
    SpaceFree: Error, "ECMA-167 4/10.1", "a block that is in use is not free";
    SpaceLost: Warning, "ECMA-167 4/10.1", "a block that belongs to nothing is free";
    NameDiffers: Warning, "UDF 2.60 2.2.7.2", "the name of the logical volume is the same in all places";

    // VAT
    VatMissing: Error, "UDF 2.60 2.2.11", "a VAT ICB is recorded";
    VatIcbNotLast: Error, "UDF 2.60 6.10.1", "the VAT ICB is the last recorded block";
    VatFileType: Error, "UDF 2.60 2.2.11", "the file type of the VAT ICB is 248 from UDF 2.00 on, 0 before";
    VatLinkCount: Warning, "ECMA-167 4/14.9.6", "no FID names the VAT: its link count is 0";
    VatSideIcb: Warning, "UDF 2.60 2.2.11", "the VAT has neither streams nor extended attributes outside its ICB";
    VatLength: Error, "UDF 2.60 2.2.11", "the VAT consists of a header or tail, and whole entries";
    VatHeader: Error, "UDF 2.60 2.2.11", "the header is 152 bytes plus its implementation use, a multiple of 4";
    VatTail: Error, "UDF 1.50 2.2.10", "the VAT ends with *UDF Virtual Alloc Tbl and the previous location";
    VatRevisions: Error, "UDF 2.60 2.2.11", "minimum read, minimum write and maximum write revision are published ones and agree";
    VatNotReadable: Error, "UDF 2.60 2.2.11", "every block of the VAT can be read";
    VatEntry: Error, "UDF 2.60 2.2.11", "an entry is a block of the partition, or 0xFFFFFFFF";
    VatEntryNotRecorded: Error, "UDF 2.60 2.2.11", "an entry names a recorded block";
    VatEntryIcb: Error, "UDF 2.60 2.2.11", "an entry names a file set descriptor or an ICB";
    VatUnreached: Warning, "UDF 2.60 2.2.11", "what an entry names is reached from the file set";
    VatSelfNumbered: Warning, "UDF 2.60 2.2.11", "the block of a node is not its virtual address (Linux takes such a node for the VAT)";
    VatChain: Error, "UDF 2.60 2.2.11", "the previous VAT ICB is before this one";
    VatChainIcb: Error, "UDF 2.60 2.2.11", "the previous VAT ICB location names a VAT ICB";
    VatChainMissing: Warning, "UDF 2.60 2.2.11", "the chain of VATs leads through the end of each closed session";
    VatLeftOut: Warning, "UDF 2.60 2.2.11", "the chain of previous VATs leaves out no recorded VAT";
    VatCopiesDiffer: Error, "UDF 2.60 2.2.11", "copies of the VAT ICB before N are the same VAT, since some drives are off by a few blocks";
    VatExtension: Error, "UDF 1.50 3.3.4.5.1.3", "*UDF VAT LVExtension has the unique ID of its VAT ICB";
    VatExtensionMissing: Warning, "UDF 1.50 3.3.4.5.1.3", "the VAT ICB has *UDF VAT LVExtension";
    VatFiles: Warning, "UDF 2.60 2.2.6.4", "the number of files is that of their FIDs";
    VatDirectories: Warning, "UDF 2.60 2.2.6.4", "the number of directories is that of the tree";
    VatUniqueId: Error, "UDF 2.60 3.2.1.1", "the unique ID of the VAT ICB is above all that are in use";

    // File set
    FileSetNumber: Warning, "UDF 2.60 2.3.2", "file set number and file set descriptor number are 0";
    FileSetLevel: Warning, "UDF 2.60 2.3.2.1", "interchange level and maximum interchange level of the file set are 3";
    FileSetNext: Warning, "UDF 2.60 2.3.2", "there is one file set";
    RootIcb: Error, "ECMA-167 4/14.1.15", "the file set names its root directory";
    StreamDirectory: Warning, "UDF 2.60 2.3.2", "a revision below 2.00 has no stream directory";

    // Addresses
    PartitionReference: Error, "ECMA-167 4/7.1.2", "a partition reference has a map";
    OutsidePartition: Error, "ECMA-167 4/7.1.1", "an extent is within its partition";
    VirtualAddressUnknown: Error, "UDF 2.60 2.2.11", "a virtual address in use has an entry in the VAT";
    IcbExtent: Error, "ECMA-167 4/14.4.5", "an ICB is a recorded extent of one block, or of several with strategy 4096";
    AddressUse: Warning, "UDF 2.60 2.3.10.1", "reserved bits in the implementation use of a long_ad are 0";

    // ICB
    IcbStrategy: Error, "UDF 2.60 2.3.5.1", "the strategy is 4 (or 4096)";
    IcbStrategyParameter: Warning, "UDF 2.60 2.3.5.1", "with strategy 4 the parameter is 0, with at most 1 entry, and none before";
    IcbFileType: Error, "UDF 2.60 2.3.5.2", "the file type fits the use of the ICB";
    IcbParent: Warning, "UDF 2.60 2.3.5.3", "the parent ICB location is 0";
    IcbFlags: Warning, "UDF 2.60 2.3.5.4", "sorted, transformed, multi-version and reserved flags are 0";
    IcbStreamFlag: Warning, "ECMA-167 4/14.6.8", "the stream flag is set on streams only";
    IcbForm: Error, "UDF 2.60 2.3.10", "allocation descriptors are short_ads, long_ads, or the body itself";
    Permissions: Warning, "ECMA-167 4/14.9.5", "reserved permission bits are 0";
    LinkCount: Error, "ECMA-167 4/14.9.6", "the link count is the number of FIDs that name the node";
    LinkCountReadOnly: Warning, "ECMA-167 4/14.9.6", "the link count is the number of FIDs that name the node, on a read-only volume";
    RecordFormat: Warning, "UDF 2.60 2.3.6.1", "record format, display attributes and length are 0";
    InformationLength: Error, "ECMA-167 4/14.9.10", "the information length is that of the body";
    ObjectSize: Warning, "ECMA-167 4/14.17.11", "the object size is the information length of the body and of all streams";
    BlocksRecorded: Warning, "ECMA-167 4/14.9.11", "logical blocks recorded is the number of recorded blocks of the body";
    Checkpoint: Warning, "ECMA-167 4/14.9.15", "the checkpoint is at least 1";
    DescriptorLength: Error, "ECMA-167 4/14.9.22", "allocation descriptors are whole";
    EntryEdition: Error, "UDF 2.60 2.3.6", "a revision below 2.00 has no extended file entries";
    RootUniqueId: Warning, "UDF 2.60 3.2.1.1", "the unique ID of the root directory is 0";
    UniqueIdReserved: Warning, "UDF 2.60 3.2.1.1", "the low 32 bits of a unique ID are at least 16";
    UniqueIdTwice: Error, "UDF 2.60 3.2.1.1", "no two nodes have the same unique ID";

    NodeOfTwoKinds: Error, "UDF 2.60 3.3.5.1", "a node is one of these: in the tree, a stream directory, a stream, extended attributes";
    SideTwice: Error, "UDF 2.60 3.3.5.1", "a stream directory or extended attributes belong to one node, and a stream has one name";

    // Bodies
    StreamOfStream: Warning, "UDF 2.60 3.3.5.1", "streams, stream directories and extended attributes have none of their own";
    BodyOfSpecial: Warning, "ECMA-167 4/14.6.6", "a device, FIFO or socket has no body";
    BodyInVirtualSpace: Warning, "UDF 2.60 2.2.8", "a body is in physical space (readers take its short_ads for physical blocks, or ignore them)";
    ExtentNotWhole: Error, "ECMA-167 4/12", "every extent except the last is whole blocks";
    ExtentTooLong: Error, "UDF 2.60 2.3.10", "an extent is at most 2^30 - 2048 bytes";
    ExtentLocation: Warning, "ECMA-167 4/14.14.1.2", "an extent that is not allocated has location 0";
    ExtentTail: Warning, "ECMA-167 4/12.1", "what is allocated after the end of a body is not recorded";
    ExtentsOverlap: Error, "ECMA-167 4/8.8", "a block belongs to one structure or body, unless whole extents are shared";
    ExtentShared: Note, "ECMA-167 4/8.8", "a whole extent belongs to one file, if nothing is ever freed";
    ExtentSharedRewritable: Warning, "ECMA-167 4/8.8", "a whole extent is named once, if blocks can be freed or overwritten";
    DescriptorsTrailing: Warning, "ECMA-167 4/12", "nothing follows the descriptor that ends the allocation descriptors";
    ContinuationLength: Warning, "UDF 2.60 2.3.11", "an allocation extent is at most one block";
    ContinuationLoop: Error, "ECMA-167 4/12", "allocation extents lead forward, never back";
    ContinuationPrevious: Warning, "UDF 2.60 2.3.11", "the previous allocation extent location is 0";

    // Extended attributes
    AttributeHeader: Warning, "ECMA-167 4/14.10.1", "attribute locations are those of the first attribute of their kind, or 0xFFFFFFFF";
    AttributeLength: Error, "UDF 2.60 3.3.4", "attributes are whole, and a multiple of 4 bytes long";
    AttributeOrder: Warning, "ECMA-167 4/9.1", "attributes are in the order of their kinds";
    AttributeReserved: Warning, "ECMA-167 4/14.10.2", "reserved bytes of an attribute are zeros, the subtype is 1";
    AttributeChecksum: Error, "UDF 2.60 3.3.4.5", "the header checksum of a UDF attribute is the sum of its header";
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
    FidUse: Warning, "UDF 2.60 2.3.4.4", "implementation use is absent, or at least 32 bytes, a multiple of 4, that begin with an entity identifier";
    FidPadding: Warning, "ECMA-167 4/14.4.9", "the padding is zeros";
    FidTagCrossesBlock: Warning, "UDF 2.60 2.3.4.4", "on write-once media no tag of a FID crosses the border of two blocks";
    FidName: Error, "UDF 2.60 2.3.4.6", "a file identifier is CS0";
    FidNameEmpty: Error, "ECMA-167 4/14.4.4", "a file identifier is not empty, except for the parent";
    FidNameSeparator: Error, "UDF 2.60 4.2.2.1", "a name has no '/' and no NUL, and is not '.' or '..'";
    FidParentFirst: Error, "UDF 2.60 2.3.4", "the first FID of a directory is that of its parent";
    FidParentTwice: Error, "ECMA-167 4/8.6", "a directory has one FID of its parent";
    FidParentIcb: Error, "ECMA-167 4/8.6", "the FID of the parent names the parent directory";
    FidParentName: Warning, "ECMA-167 4/14.4.4", "the FID of the parent has no identifier and is that of a directory";
    FidDeletedIcb: Warning, "UDF 2.60 2.3.4.3", "a deleted FID has no ICB";
    FidDeletedName: Warning, "UDF 2.60 2.3.4.2", "a deleted FID has compression ID 254 or 255";
    FidNameTwice: Error, "ECMA-167 4/8.6", "no two FIDs of a directory have the same name";
    FidDirectoryBit: Error, "ECMA-167 4/14.4.3", "the directory bit is set if the node is a directory";
    FidUniqueId: Warning, "UDF 2.60 2.3.4.3", "from 2.00 on a FID has a unique ID: the low half of that of its node, or one that no other node has";
    FidUniqueIdOther: Note, "UDF 2.60 2.3.4.3", "a FID has the unique ID of its node, if the first name of the node still exists";
    FidUniqueIdTwice: Error, "UDF 2.60 3.2.1.1", "no two FIDs have the same unique ID";
    FidUniqueIdOfParent: Warning, "UDF 2.60 2.3.4.3", "the FID of the parent has the unique ID of the parent";
    DirectoryTwice: Error, "ECMA-167 4/8.5", "one FID names a directory";
    DirectoryLoop: Error, "ECMA-167 4/8.5", "directories are a tree";
    PathLength: Warning, "UDF 2.60 2", "a path has no more than 1,023 bytes";
    DirectoryLength: Error, "ECMA-167 4/8.6", "a directory is no longer than everything recorded on the medium";

    // Symbolic links
    PathComponent: Error, "ECMA-167 4/14.16", "a symbolic link consists of whole path components of known types";
    PathComponentLength: Error, "ECMA-167 4/14.16.1.2", "components that are names have an identifier, others have none";
    PathComponentVersion: Warning, "UDF 2.60 2.3.12.1", "the version number of a component is 0";
    PathComponentName: Error, "UDF 2.60 2.3.12.1", "the identifier of a component is CS0";
    PathEmpty: Warning, "ECMA-167 4/8.7", "a symbolic link has a path";

    // Sessions
    SessionEndAnchor: Error, "UDF 2.60 6.10.1.2", "a closed session has an anchor at N-256";
    SessionEndVat: Error, "UDF 2.60 6.10.1.2", "a closed session ends with a VAT ICB at N";
    SessionEndUnknown: Note, "UDF 2.60 6.10.1.2", "the drive reports where a closed session ends, so that its end can be judged";
    SessionRecognition: Error, "UDF 2.60 6.10.3", "each session has a recognition sequence at S+16";
    SessionAnchor: Error, "UDF 2.60 6.10.3", "each session has an anchor at S+256";
    SessionSetAside: Warning, "UDF 2.60 6.10.3", "each session before the last of the volume belongs to it";

    // Two volumes on a disc
    CompanionDiffers: Error, "oncefs, two volumes", "both logical volume descriptors say the same about the plain volume, and each says which of the two it is";
    VatVolumeAnchor: Error, "oncefs, two volumes", "a session with a plain volume has an anchor of the volume with the VAT at S+512";
    PlainVolumeMissing: Note, "oncefs, two volumes", "each closed session of a disc with plain volumes has one";
    ClosingInterrupted: Warning, "oncefs, two volumes", "closing with a plain volume is complete (`oncefs close` completes it)";
    PlainPlacement: Error, "oncefs, two volumes", "*UDF LV Info of a plain volume says where its structures, its reserve sequence and N are, and its partition ends at that sequence";
    PlainTail: Error, "oncefs, two volumes", "after the reserve sequence of a plain volume there are only its anchors, up to N, and zeros";
    PlainNames: Error, "oncefs, two volumes", "a directory of a plain volume has the names of the generation that it shows, except those that it leaves out";
    PlainNode: Error, "oncefs, two volumes", "a node of a plain volume has the kind, size, mode, owner, times, links and unique ID of the node that it shows";
    PlainData: Error, "oncefs, two volumes", "a file of a plain volume has the data of the file that it shows, or a copy of it";

    // The bridge
    BridgeDescriptor: Error, "ECMA-119 8.4", "the primary and Joliet descriptors and the terminator are at S+16, with the fields of the standard";
    BridgePathTable: Error, "ECMA-119 6.9.1", "path tables L and M list every directory, by level, parent and identifier";
    BridgeRecord: Error, "ECMA-119 9.1", "a directory record is whole, in one block, with the fields of the standard";
    BridgeOwnRecords: Error, "ECMA-119 6.8.2.2", "the first two records of a directory are those of itself and of its parent";
    BridgeIdentifier: Error, "ECMA-119 7.5", "an identifier has the characters and the length that its tree allows";
    BridgeOrder: Error, "ECMA-119 9.3", "the records of a directory are in order, and no two have the same identifier";
    BridgeSystemUse: Error, "SUSP 1.12 4", "system use consists of whole entries, including PX and NM, and the root announces Rock Ridge";
    BridgeNames: Error, "oncefs, bridge", "a directory of the bridge has a record for each child, and for nothing else";
    BridgeShows: Error, "oncefs, bridge", "a record describes a child as UDF does: its data, time, mode, owner, links, target";
}

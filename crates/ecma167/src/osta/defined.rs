//! What the names of streams and of use attributes mean that UDF defines.

/// A stream, or an implementation or application use attribute, that UDF defines by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defined {
    /// The name of the stream, or the identifier of the attribute.
    pub name: &'static str,
    /// What it is, in words.
    pub meaning: &'static str,
    /// The clause that defines it.
    pub clause: &'static str,
}

impl Defined {
    /// What UDF defines by a name; an attribute may also be a stream of the same name (`UDF 2.60 3.3.6`).
    /// `None` if UDF does not define it.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        Self::all().find(|defined| defined.name == name)
    }

    /// Everything that UDF defines by a name.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        DEFINED.iter()
    }
}

const fn defined(name: &'static str, meaning: &'static str, clause: &'static str) -> Defined {
    Defined {
        name,
        meaning,
        clause,
    }
}

/// Streams of the file set, streams of files, and use attributes.
const DEFINED: [Defined; 18] = [
    defined(
        "*UDF Unique ID Mapping Data",
        "table of the unique IDs",
        "UDF 2.60 3.3.7.1",
    ),
    defined(
        "*UDF Non-Allocatable Space",
        "space that must not be allocated",
        "UDF 2.60 3.3.7.2",
    ),
    defined(
        "*UDF Power Cal Table",
        "power calibration table",
        "UDF 2.60 3.3.7.3",
    ),
    defined("*UDF Backup", "time of the last backup", "UDF 2.60 3.3.7.4"),
    defined(
        "*UDF Macintosh Resource Fork",
        "resource fork of Macintosh",
        "UDF 2.60 3.3.8.1",
    ),
    defined("*UDF OS/2 EA", "extended attributes of OS/2", "UDF 2.60 3.3.8.2"),
    defined(
        "*UDF NT ACL",
        "access control list of Windows NT",
        "UDF 2.60 3.3.8.3",
    ),
    defined("*UDF UNIX ACL", "access control list of UNIX", "UDF 2.60 3.3.8.3"),
    defined("*UDF FreeEASpace", "free space", "UDF 2.60 3.3.4.5.1.1"),
    defined(
        "*UDF DVD CGMS Info",
        "copyright management of DVD",
        "UDF 2.60 3.3.4.5.1.2",
    ),
    defined(
        "*UDF VAT LVExtension",
        "counts and label of a volume with a VAT",
        "UDF 1.50 3.3.4.5.1.3",
    ),
    defined(
        "*UDF OS/2 EALength",
        "length of the extended attributes of OS/2",
        "UDF 2.60 3.3.4.5.3.2",
    ),
    defined(
        "*UDF Mac VolumeInfo",
        "volume information of Macintosh",
        "UDF 2.60 3.3.4.5.4.1",
    ),
    defined(
        "*UDF Mac FinderInfo",
        "Finder information of Macintosh",
        "UDF 2.60 3.3.4.5.4.2",
    ),
    defined(
        "*UDF Mac UniqueIDTable",
        "table of the file IDs of Macintosh",
        "UDF 1.50 3.3.4.5.4.3",
    ),
    defined(
        "*UDF Mac ResourceFork",
        "resource fork of Macintosh",
        "UDF 1.50 3.3.4.5.4.4",
    ),
    defined(
        "*UDF OS/400 DirInfo",
        "directory information of OS/400",
        "UDF 2.60 3.3.4.5.6.1",
    ),
    defined("*UDF FreeAppEASpace", "free space", "UDF 2.60 3.3.4.6.1"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::general::identifiers;

    #[test]
    fn each_name_is_defined_once() {
        for (at, defined) in DEFINED.iter().enumerate() {
            assert_eq!(
                DEFINED.iter().position(|other| other.name == defined.name),
                Some(at)
            );
        }
    }

    #[test]
    fn attributes_that_are_read_by_name_have_a_meaning() {
        for name in [
            identifiers::UDF_FREE_EA_SPACE,
            identifiers::UDF_FREE_APP_EA_SPACE,
            identifiers::UDF_DVD_CGMS_INFO,
            identifiers::UDF_VAT_LVEXTENSION,
        ] {
            assert!(Defined::by_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_are_compared_exactly() {
        for name in ["*UDF NT ACL ", "*udf nt acl", "Zone.Identifier", ""] {
            assert_eq!(Defined::by_name(name), None, "{name}");
        }
    }
}

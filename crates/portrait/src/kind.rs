//! What a block of a disc is.

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The data of a file.
    Data,
    /// The entry of a file, and allocation descriptors that it has no room for.
    Node,
    /// The entry of a directory, and its names.
    Directory,
    /// The VAT in force and its ICB.
    Vat,
    /// A volume recognition sequence.
    Recognition,
    /// An anchor.
    Anchor,
    /// Other descriptors of a volume.
    Descriptors,
    /// A plain volume, a mirror, or a copy of a VAT ICB.
    Copies,
    /// An earlier generation used it, and the state shown does not.
    Superseded(Was),
    /// It was recorded, and no generation that is known names it.
    Unnamed,
    /// Zeros that fill up something.
    Padding,
    /// Between sessions, tracks or packets.
    Gap,
    /// It cannot be read, whatever it is.
    Unreadable,
    /// It can be recorded, but is kept back for a commit and the end of the session.
    KeptBack,
    /// It can be recorded.
    Free,
}

/// What a superseded block was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Was {
    /// The data of a file.
    Data,
    /// The entry of a file.
    Node,
    /// A directory.
    Directory,
    /// A VAT.
    Vat,
}

impl Kind {
    /// All kinds; superseded ones once.
    pub const ALL: [Self; 15] = [
        Self::Data,
        Self::Node,
        Self::Directory,
        Self::Vat,
        Self::Recognition,
        Self::Anchor,
        Self::Descriptors,
        Self::Copies,
        Self::Superseded(Was::Data),
        Self::Unnamed,
        Self::Padding,
        Self::Gap,
        Self::Unreadable,
        Self::KeptBack,
        Self::Free,
    ];

    /// Its place in [`Kind::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        let same = |other: &Self| match (self, other) {
            (Self::Superseded(_), Self::Superseded(_)) => true,
            (one, other) => one == *other,
        };
        Self::ALL.iter().position(same).unwrap_or_default()
    }

    /// A stable word for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Node => "node",
            Self::Directory => "directory",
            Self::Vat => "vat",
            Self::Recognition => "recognition",
            Self::Anchor => "anchor",
            Self::Descriptors => "descriptors",
            Self::Copies => "copies",
            Self::Superseded(_) => "superseded",
            Self::Unnamed => "unnamed",
            Self::Padding => "padding",
            Self::Gap => "gap",
            Self::Unreadable => "unreadable",
            Self::KeptBack => "kept-back",
            Self::Free => "free",
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Data => "data of files",
            Self::Node => "nodes of files",
            Self::Directory => "directories",
            Self::Vat => "VAT in force",
            Self::Recognition => "recognition",
            Self::Anchor => "anchors",
            Self::Descriptors => "descriptors",
            Self::Copies => "copies, plain volume",
            Self::Superseded(_) => "superseded",
            Self::Unnamed => "named by no generation",
            Self::Padding => "padding",
            Self::Gap => "gaps and links",
            Self::Unreadable => "unreadable",
            Self::KeptBack => "kept back",
            Self::Free => "free",
        }
    }

    /// Its letter in text: a second cue beside the colour.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Data => 'D',
            Self::Node => 'n',
            Self::Directory => 'd',
            Self::Vat => 'V',
            Self::Recognition => 'R',
            Self::Anchor => 'A',
            Self::Descriptors => 'v',
            Self::Copies => 'c',
            Self::Superseded(_) => 's',
            Self::Unnamed => '?',
            Self::Padding => '0',
            Self::Gap => '_',
            Self::Unreadable => 'X',
            Self::KeptBack => 'k',
            Self::Free => '.',
        }
    }

    /// Its colour on a light and on a dark ground, as `#rrggbb`. Those of the most frequent kinds are from
    /// the palette of Okabe and Ito, which the colour-blind tell apart.
    #[must_use]
    pub const fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Data => ("#0072b2", "#56b4e9"),
            Self::Node => ("#009e73", "#2fd0a0"),
            Self::Directory => ("#e69f00", "#e69f00"),
            Self::Vat => ("#cc79a7", "#e29cc4"),
            Self::Recognition => ("#5d3a9b", "#b99af0"),
            Self::Anchor => ("#000000", "#ffffff"),
            Self::Descriptors => ("#7a5195", "#a78bd0"),
            Self::Copies => ("#8c6d31", "#cbb26a"),
            Self::Superseded(_) => ("#9aa7b4", "#5f6f80"),
            Self::Unnamed => ("#b0a17c", "#857650"),
            Self::Padding => ("#d3d7db", "#3d444c"),
            Self::Gap => ("#e4e7ea", "#2b3036"),
            Self::Unreadable => ("#d55e00", "#ff7a1a"),
            Self::KeptBack => ("#f0e442", "#b8ae1e"),
            Self::Free => ("#f7f8f9", "#15181b"),
        }
    }

    /// Whether something was recorded there.
    #[must_use]
    pub const fn is_recorded(self) -> bool {
        !matches!(self, Self::Gap | Self::KeptBack | Self::Free)
    }

    /// Whether the state shown uses it.
    #[must_use]
    pub const fn is_in_use(self) -> bool {
        matches!(self, Self::Data | Self::Node | Self::Directory | Self::Vat)
    }
}

impl Was {
    /// A stable word for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Node => "node",
            Self::Directory => "directory",
            Self::Vat => "vat",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_a_name_and_a_letter_of_its_own() {
        let names: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        let letters: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.letter()).collect();
        let colours: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.colours()).collect();
        assert_eq!([names.len(), letters.len(), colours.len()], [Kind::ALL.len(); 3]);
    }

    #[test]
    fn the_index_of_a_kind_is_its_place_whatever_it_was() {
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), at);
        }
        assert_eq!(
            Kind::Superseded(Was::Vat).index(),
            Kind::Superseded(Was::Data).index()
        );
    }
}

//! Reads sparing tables (`UDF 2.60 2.2.12`).

use ecma167::osta::sparing::{SparingTable, SparingTableHeader};
use ecma167::volume::partition_map::Sparable;
use ecma167::{LogicalSector, Malformed, PartitionReference};

use crate::error::{CorruptKind, Error};
use crate::loss::{Damage, Instead, Loss, Structure};
use crate::space::Space;

/// Maximum number of copies of a sparing table (`UDF 2.60 2.2.9`).
const COPIES: usize = 4;

impl Space {
    /// Reads the copies of a partition's sparing table and uses one with the highest sequence number. If all
    /// are lost, the volume is read as if nothing were spared, with a loss for each copy that says so.
    pub(crate) fn read_sparing(
        &mut self,
        reference: PartitionReference,
        map: &Sparable,
    ) -> Result<(), Error> {
        let copies = usize::from(map.number_of_sparing_tables).min(COPIES);
        let mut used: Option<(LogicalSector, SparingTable)> = None;
        let mut lost = Vec::new();
        for location in &map.locations_of_sparing_tables[..copies] {
            let at = LogicalSector(location.get());
            match self.sparing_table(at) {
                Ok(table) => {
                    let number = |table: &SparingTable| table.sequence_number;
                    if used.as_ref().is_none_or(|(_, old)| number(&table) > number(old)) {
                        used = Some((at, table));
                    }
                }
                Err(error) => lost.push((at, Damage::of(&error).ok_or(error)?)),
            }
        }
        let instead = used
            .as_ref()
            .map_or(Instead::OriginalPlaces, |(at, _)| Instead::SparingTable(*at));
        for (sector, damage) in lost {
            self.note_loss(Loss {
                structure: Structure::SparingTable,
                sector,
                sectors: 1,
                damage,
                instead,
            });
        }
        if let (Some((_, table)), Some(sparing)) = (used, self.maps_mut().sparing_mut(reference)) {
            sparing.fill(&table.entries);
        }
        Ok(())
    }

    fn sparing_table(&mut self, at: LogicalSector) -> Result<SparingTable, Error> {
        let corrupt = |fault: Malformed| Error::corrupt(fault, at);
        let header = SparingTableHeader::peek(self.sector(at)?).map_err(corrupt)?;
        let mut bytes = Vec::new();
        for block in 0..header.table_len().div_ceil(self.block_size().as_usize()) {
            let sector = u32::try_from(block)
                .ok()
                .and_then(|block| at.0.checked_add(block));
            let sector = sector.ok_or_else(|| Error::corrupt(CorruptKind::OutsidePartition, at))?;
            bytes.extend_from_slice(self.sector(LogicalSector(sector))?);
        }
        SparingTable::decode(&bytes, Some(at.0)).map_err(corrupt)
    }
}

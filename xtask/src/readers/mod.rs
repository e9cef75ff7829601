//! Readers of plain volumes: each is asked in one way what an image shows, and compared with what it can
//! report of any disc.

mod asked;
mod limits;
mod others_page;
mod page;
pub mod programs;
mod sight;
mod udfclient;
pub mod uefi;

pub use asked::{Asked, READERS, Reader, is_recognised_at_once};
pub use others_page::{OtherSighting, others_page};
pub use page::{MODES, STATES, Sighting, page};
pub use sight::{Show, Sight, Volume, shown};
pub use udfclient::{fetch_by_udfclient, put_by_udfclient};

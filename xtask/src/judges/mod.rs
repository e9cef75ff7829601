//! Readers by other authors, each asked what it sees of a disc's states.

mod answers;
mod bridge;
mod device_lock;
mod devices;
mod foreign_volumes;
mod host_drive;
mod injected;
mod kernel;
mod network;
mod others;
mod page;
mod rom;
mod ruins;
mod samba;
mod tgt;
mod udfclient;
mod udfinfo;
mod writers;

pub use bridge::judge_bridge;
pub use device_lock::share_devices;
pub use devices::{
    BOOTS_WITH_FAULTS, Bench as DeviceBench, KINDS_OF_DRIVES, fail_on_devices, live_on_devices,
    mount_on_devices, read_on_devices, record_by_others,
};
pub use foreign_volumes::refuse_foreign_volumes;
pub use host_drive::use_drives;
pub use injected::compare_on_injected;
pub use kernel::{Question, judge_by_kernel};
pub use network::refuse_network_paths;
pub use others::Others;
pub use page::judge_page;
pub use rom::{judge_rom, judge_rom_in_uefi, states_for_uefi};
pub use ruins::Salvage;
pub use samba::ask_samba;
pub use tgt::use_tgt;
pub use udfclient::{fill_by_udfclient, judge_by_udfclient};
pub use udfinfo::judge_by_udfinfo;
pub use writers::judge_writers;

//! The close functions of CLOSE TRACK/SESSION (`MMC-6 6.3`).

field! {
    /// What CLOSE TRACK/SESSION closes. Which functions a medium accepts depends on its profile.
    #[doc(alias = "CLOSE TRACK/SESSION")]
    pub enum CloseFunction from 0x07 {
        /// 0: stop the background format; no write-once medium accepts it.
        StopBackgroundFormat = 0,
        /// 1: the track that the command names.
        Track = 1,
        /// 2: the session or border. On CD-R and DVD-R mode page 05h says whether another may follow.
        Session = 2,
        /// 3: DVD+RW, DVD+R DL: close the session (finalize, special case).
        Intermediate = 3,
        /// 5: DVD+R, DVD+R DL: finalize the disc with the minimal recorded radius.
        FinalizeMinimalRadius = 5,
        /// 6: DVD+R, BD-R: finalize the disc.
        Finalize = 6;
        /// Reserved.
        Reserved
    }
}

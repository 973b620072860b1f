//! Which files may run here.

use crate::notice::Notice;
use crate::trust::{Signature, TrustTable};

/// The operator's rules about drivers.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Learning mode: files without a signature may run from any folder. Never set where money is taken.
    pub allow_unsigned: bool,
    /// The keys that are trusted.
    pub trust: TrustTable,
}

/// On what ground a file was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// A trusted signature, by the key of this name.
    Signed(String),
    /// No signature; it came with the program, in the built-in folder.
    BuiltIn,
    /// No signature; learning mode allows it.
    Learning,
}

impl Policy {
    /// Decides about a file. `built_in` says that it lies in the folder that came with the program.
    pub fn admit(&self, signature: &Signature, built_in: bool) -> Result<Admission, Notice> {
        match signature {
            Signature::Trusted { key } => Ok(Admission::Signed(key.clone())),
            Signature::Refused { reason } => Err(reason.clone()),
            Signature::Unsigned if built_in => Ok(Admission::BuiltIn),
            Signature::Unsigned if self.allow_unsigned => Ok(Admission::Learning),
            Signature::Unsigned => Err(Notice::new(
                "unsigned",
                "驱动没有签名；只有在学习模式下才允许未签名的驱动",
                "the driver has no signature, and only learning mode allows that",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_signature_is_worse_than_none() {
        let lax = Policy { allow_unsigned: true, trust: TrustTable::default() };
        let strict = Policy::default();
        assert_eq!(lax.admit(&Signature::Unsigned, false), Ok(Admission::Learning));
        assert_eq!(strict.admit(&Signature::Unsigned, true), Ok(Admission::BuiltIn));
        assert_eq!(strict.admit(&Signature::Unsigned, false).unwrap_err().code, "unsigned");

        let reason = Notice::new("signature-invalid", "坏签名", "bad signature");
        let bad = Signature::Refused { reason: reason.clone() };
        assert_eq!(lax.admit(&bad, true), Err(reason));
    }
}

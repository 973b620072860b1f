//! Enumerations that are text in the database and in JSON.

/// Makes an enumeration with its text: `as_str`, `TryFrom<&str>` (an unknown text is an error, never a default), serde.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Its text in the database and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::error::StoreError;
            fn try_from(text: &str) -> Result<Self, Self::Error> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::error::StoreError::inconsistent(format_args!(
                        "{other:?} is not a {}", stringify!($name)
                    ))),
                }
            }
        }
    };
}

pub(crate) use text_enum;

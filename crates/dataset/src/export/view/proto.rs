//! As much of Protocol Buffers as a moving leg needs: messages are written field by field, and types are described as data, so that a
//! file says itself what is in it.

/// A message that is being written.
#[derive(Clone, Default)]
pub(super) struct Message(Vec<u8>);

/// Ways in which a field's bytes are written.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

impl Message {
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn key(&mut self, field: u32, wire: Wire) {
        self.varint(u64::from(field) << 3 | wire as u64);
    }

    /// A whole number, negative ones in two's complement.
    #[must_use]
    pub fn int(mut self, field: u32, value: i64) -> Self {
        self.key(field, Wire::Varint);
        self.varint(u64::from_le_bytes(value.to_le_bytes()));
        self
    }

    #[must_use]
    pub fn double(mut self, field: u32, value: f64) -> Self {
        self.key(field, Wire::Fixed64);
        self.0.extend(value.to_le_bytes());
        self
    }

    #[must_use]
    pub fn fixed32(mut self, field: u32, value: u32) -> Self {
        self.key(field, Wire::Fixed32);
        self.0.extend(value.to_le_bytes());
        self
    }

    #[must_use]
    pub fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        self.key(field, Wire::Bytes);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    #[must_use]
    pub fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    #[must_use]
    pub fn message(self, field: u32, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    #[must_use]
    pub fn messages(self, field: u32, values: impl IntoIterator<Item = Self>) -> Self {
        values.into_iter().fold(self, |all, value| all.message(field, &value))
    }
}

/// Type of a field, with its number in descriptors.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Double,
    Int64,
    Int32,
    Fixed32,
    Bool,
    Text,
    Bytes,
    /// By its full name.
    Message(&'static str),
    Enum(&'static str),
}

impl Kind {
    const fn number(self) -> i64 {
        match self {
            Self::Double => 1,
            Self::Int64 => 3,
            Self::Int32 => 5,
            Self::Fixed32 => 7,
            Self::Bool => 8,
            Self::Text => 9,
            Self::Message(_) => 11,
            Self::Bytes => 12,
            Self::Enum(_) => 14,
        }
    }
}

/// A field: name, number, type, whether it is a list.
pub(super) type Field = (&'static str, u32, Kind, bool);

/// A type of messages.
pub(super) struct Type {
    pub name: &'static str,
    pub fields: &'static [Field],
    /// An enumeration of its own: name and values from 0.
    pub values: Option<(&'static str, &'static [&'static str])>,
}

/// Types of one package.
pub(super) struct Package {
    pub file: &'static str,
    pub name: &'static str,
    /// Files whose types it uses.
    pub uses: &'static [&'static str],
    pub types: &'static [Type],
}

/// A `FileDescriptorSet` of packages, each behind those it uses.
pub(super) fn described(packages: &[&Package]) -> Vec<u8> {
    Message::default().messages(1, packages.iter().map(|package| of_package(package))).into_bytes()
}

fn of_package(package: &Package) -> Message {
    let begin = Message::default().text(1, package.file).text(2, package.name);
    let uses = package.uses.iter().fold(begin, |all, file| all.text(3, file));
    uses.messages(4, package.types.iter().map(of_type)).text(12, "proto3")
}

fn of_type(of: &Type) -> Message {
    let fields = Message::default().text(1, of.name).messages(2, of.fields.iter().map(of_field));
    let Some((name, values)) = of.values else { return fields };
    let value = |(name, number): (&&str, i64)| Message::default().text(1, name).int(2, number);
    fields.message(4, &Message::default().text(1, name).messages(2, values.iter().zip(0..).map(value)))
}

fn of_field((name, number, kind, is_list): &Field) -> Message {
    let label = if *is_list { 3 } else { 1 };
    let field = Message::default().text(1, name).int(3, i64::from(*number)).int(4, label).int(5, kind.number());
    match kind {
        Kind::Message(of) | Kind::Enum(of) => field.text(6, &format!(".{of}")),
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_encoding() {
        // From the description of the encoding: 150 in field 1, "testing" in field 2.
        assert_eq!(Message::default().int(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let text = Message::default().text(2, "testing").into_bytes();
        assert_eq!(text, [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        assert_eq!(Message::default().int(1, -1).into_bytes(), [&[0x08][..], &[0xff; 9], &[0x01]].concat());
        let inner = Message::default().double(1, 1.0);
        assert_eq!(Message::default().message(3, &inner).into_bytes()[..3], [0x1a, 9, 0x09]);
    }
}

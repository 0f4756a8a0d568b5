//! Types, and the names an expression may use.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A whole number; money in fen.
    Int,
    /// Text.
    Text,
    /// A point in time.
    Moment,
    /// A time of day.
    TimeOfDay,
    /// A day.
    Date,
    /// A length of clock time.
    Duration,
    /// One out of a closed set of texts.
    Choice(Choice),
    /// A list.
    List(Arc<Type>),
    /// An object declared in the environment under this name.
    Object(Arc<str>),
    /// A reference to a record of this kind (`person`, `unit`, `customer`, `case`).
    Id(Arc<str>),
}

/// A closed set of texts with the name under which messages speak of it (`class`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is called.
    pub name: Arc<str>,
    /// The texts.
    pub allowed: Arc<[Arc<str>]>,
}

impl Choice {
    /// Whether the text is one of them.
    pub fn allows(&self, text: &str) -> bool {
        self.allowed.iter().any(|allowed| &**allowed == text)
    }
}

impl Type {
    /// A choice.
    pub fn choice<T: Into<Arc<str>>>(
        name: impl Into<Arc<str>>,
        allowed: impl IntoIterator<Item = T>,
    ) -> Type {
        Type::Choice(Choice {
            name: name.into(),
            allowed: allowed.into_iter().map(Into::into).collect(),
        })
    }

    /// A list of this type.
    pub fn list(of: Type) -> Type {
        Type::List(Arc::new(of))
    }

    /// An object of this name.
    pub fn object(name: impl Into<Arc<str>>) -> Type {
        Type::Object(name.into())
    }

    /// A reference to a record of this kind.
    pub fn id(kind: impl Into<Arc<str>>) -> Type {
        Type::Id(kind.into())
    }

    /// As people say it in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Type::Bool => "是/否".to_owned(),
            Type::Int => "整数".to_owned(),
            Type::Text => "文字".to_owned(),
            Type::Moment => "时间点".to_owned(),
            Type::TimeOfDay => "一天中的时刻".to_owned(),
            Type::Date => "日期".to_owned(),
            Type::Duration => "时长".to_owned(),
            Type::Choice(choice) => format!("选项“{}”", choice.name),
            Type::List(of) => format!("{}的列表", of.zh()),
            Type::Object(name) => format!("对象 {name}"),
            Type::Id(kind) => format!("{kind} 的引用"),
        }
    }
}

/// As people say it in English.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("yes/no"),
            Type::Int => f.write_str("a whole number"),
            Type::Text => f.write_str("text"),
            Type::Moment => f.write_str("a point in time"),
            Type::TimeOfDay => f.write_str("a time of day"),
            Type::Date => f.write_str("a day"),
            Type::Duration => f.write_str("a length of time"),
            Type::Choice(choice) => write!(f, "a choice of {}", choice.name),
            Type::List(of) => write!(f, "a list of {of}"),
            Type::Object(name) => write!(f, "the object {name}"),
            Type::Id(kind) => write!(f, "a reference to a {kind}"),
        }
    }
}

/// A parameter of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Any value of this type.
    Any(Type),
    /// A name in quotes out of a closed set: another name is a mistake, reported with the nearest one.
    Name {
        /// What kind of name, for messages: in Chinese and in English (`动作`, `action`).
        what: (Arc<str>, Arc<str>),
        /// The names.
        names: Arc<[Arc<str>]>,
    },
}

impl Parameter {
    /// A name out of a closed set.
    pub fn name<T: Into<Arc<str>>>(
        zh: impl Into<Arc<str>>,
        en: impl Into<Arc<str>>,
        names: impl IntoIterator<Item = T>,
    ) -> Self {
        Parameter::Name {
            what: (zh.into(), en.into()),
            names: names.into_iter().map(Into::into).collect(),
        }
    }
}

/// A method of an object; at most [`MOST_PARAMETERS`](super::MOST_PARAMETERS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// What it takes.
    pub parameters: Arc<[Parameter]>,
    /// What it gives.
    pub result: Type,
}

/// What an object has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectType {
    pub(super) fields: BTreeMap<Arc<str>, Type>,
    pub(super) methods: BTreeMap<Arc<str>, Method>,
}

impl ObjectType {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a field.
    #[must_use]
    pub fn field(mut self, name: impl Into<Arc<str>>, kind: Type) -> Self {
        self.fields.insert(name.into(), kind);
        self
    }

    /// With a method.
    #[must_use]
    pub fn method(
        mut self,
        name: impl Into<Arc<str>>,
        parameters: impl IntoIterator<Item = Parameter>,
        result: Type,
    ) -> Self {
        self.methods.insert(
            name.into(),
            Method {
                parameters: parameters.into_iter().collect(),
                result,
            },
        );
        self
    }

    /// The type of a field.
    pub fn field_type(&self, name: &str) -> Option<&Type> {
        self.fields.get(name)
    }
}

/// The names an expression may use: objects by name, and the roots (`case`, `input`, `now`) it may begin with.
/// Cheap to clone and extend.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub(super) objects: BTreeMap<Arc<str>, Arc<ObjectType>>,
    pub(super) roots: BTreeMap<Arc<str>, Type>,
}

impl Environment {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// With an object type, to be named by [`Type::object`].
    #[must_use]
    pub fn object(mut self, name: impl Into<Arc<str>>, object: impl Into<Arc<ObjectType>>) -> Self {
        self.objects.insert(name.into(), object.into());
        self
    }

    /// With a root name of any type: `.root("now", Type::Moment)`.
    #[must_use]
    pub fn root(mut self, name: impl Into<Arc<str>>, kind: Type) -> Self {
        self.roots.insert(name.into(), kind);
        self
    }

    /// With an object type and a root of the same name: `.root_object("case", ObjectType::new().field(…))`.
    #[must_use]
    pub fn root_object(self, name: impl Into<Arc<str>>, object: impl Into<Arc<ObjectType>>) -> Self {
        let name: Arc<str> = name.into();
        self.object(name.clone(), object)
            .root(name.clone(), Type::Object(name))
    }

    /// The type of a path, such as `["case", "class"]`.
    pub fn type_of(&self, path: &[&str]) -> Option<Type> {
        let (root, members) = path.split_first()?;
        let mut kind = self.roots.get(*root)?;
        for member in members {
            let Type::Object(name) = kind else { return None };
            kind = self.objects.get(name)?.fields.get(*member)?;
        }
        Some(kind.clone())
    }
}

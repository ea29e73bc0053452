//! Models built from messages in the test, imported, and run by the interpreter.

#[path = "import/attention.rs"]
mod attention;
#[path = "import/builder.rs"]
mod builder;
#[path = "import/control.rs"]
mod control;
#[path = "import/coverage.rs"]
mod coverage;
#[path = "import/elementwise.rs"]
mod elementwise;
#[path = "import/example.rs"]
mod example;
#[path = "import/faults.rs"]
mod faults;
#[path = "import/functions.rs"]
mod functions;
#[path = "import/layers.rs"]
mod layers;
#[path = "import/microsoft.rs"]
mod microsoft;
#[path = "import/quantised.rs"]
mod quantised;
#[path = "import/recurrent.rs"]
mod recurrent;
#[path = "import/resize.rs"]
mod resize;
#[path = "import/shapes.rs"]
mod shapes;
#[path = "import/sizes.rs"]
mod sizes;
#[path = "import/table.rs"]
mod table;
#[path = "import/tensors.rs"]
mod tensors;
#[path = "import/versions.rs"]
mod versions;

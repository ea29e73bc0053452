//! Archives of arrays: what is read, and how results are written.

use super::workshop::{EXP, MLP, Workshop, f32s, f64s, npy, onnx};

const DOUBLE: i32 = 11;
const FLOAT: i32 = 1;

fn expected(workshop: &Workshop) {
    let values = [0.0f32, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let results: Vec<f32> = values.iter().map(|v| v.exp()).collect();
    workshop.file("exp.fd", EXP.as_bytes());
    workshop.arrays("x.npz", &[("x", f32s(&[2, 4], &values))]);
    workshop.arrays("y.npz", &[("y", f32s(&[2, 4], &results))]);
}

fn agrees(workshop: &Workshop, inputs: &str) {
    let run = workshop
        .run(&["check", "exp.fd", "--inputs", inputs, "--expect", "y.npz", "--device", "cpu"]);
    assert_eq!((run.code, run.last()), (0, "programs: 1"), "{inputs}: {}{}", run.out, run.err);
}

#[test]
fn arrays_are_read_in_all_the_forms_that_numpy_writes() {
    let workshop = Workshop::new("forms");
    expected(&workshop);
    agrees(&workshop, "x.npz");
    let values: Vec<f32> = (0u8..8).map(f32::from).collect();
    let plain = f32s(&[2, 4], &values);
    let member = |name: &str, bytes: &[u8]| vec![(name.to_owned(), bytes.to_vec())];
    workshop.archive("deflated.npz", &member("x.npy", &plain), zip::CompressionMethod::Deflated);
    agrees(&workshop, "deflated.npz");
    workshop.archive("bare.npz", &member("x", &plain), zip::CompressionMethod::Stored);
    agrees(&workshop, "bare.npz");
    let swapped: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
    workshop.arrays("swapped.npz", &[("x", npy(">f4", false, &[2, 4], &swapped))]);
    agrees(&workshop, "swapped.npz");
    let columns = [0.0f32, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0];
    let columns: Vec<u8> = columns.iter().flat_map(|v| v.to_le_bytes()).collect();
    workshop.arrays("fortran.npz", &[("x", npy("<f4", true, &[2, 4], &columns))]);
    agrees(&workshop, "fortran.npz");
}

#[test]
fn results_are_stored_in_row_major_order_under_names_without_slashes() {
    let workshop = Workshop::new("stored");
    let nodes: &[(&str, &[&str], &str)] = &[("Neg", &["in/x"], "out/y")];
    workshop.file("m.onnx", &onnx(FLOAT, &[2, 2], &["in/x"], nodes, &["out/y"]));
    workshop.arrays("x.npz", &[("in|x", f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]))]);
    let arguments = ["run", "m.onnx", "--inputs", "x.npz", "--outputs", "y.npz", "--device", "cpu"];
    let run = workshop.run(&arguments);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workshop.read("y.npz")))
        .expect("it is an archive");
    assert_eq!(archive.len(), 1);
    let mut member = archive.by_index(0).expect("there is one member");
    assert_eq!(member.name().expect("the name is text"), "out|y.npy");
    assert_eq!(member.compression(), zip::CompressionMethod::Stored);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut member, &mut bytes).expect("it is stored");
    let header = String::from_utf8_lossy(&bytes[10..]).into_owned();
    assert!(header.contains("'fortran_order': False"), "{header}");
    let want: Vec<u8> = [-1.0f32, -2.0, -3.0, -4.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert!(bytes.ends_with(&want));
}

#[test]
fn a_model_of_doubles_takes_and_gives_doubles() {
    let workshop = Workshop::new("doubles");
    let nodes: &[(&str, &[&str], &str)] = &[("Neg", &["x"], "y")];
    workshop.file("m.onnx", &onnx(DOUBLE, &[3], &["x"], nodes, &["y"]));
    workshop.arrays("x.npz", &[("x", f64s(&[3], &[0.5, -2.0, 1e30]))]);
    workshop.arrays("y.npz", &[("y", f64s(&[3], &[-0.5, 2.0, -1e30]))]);
    let check = ["check", "m.onnx", "--inputs", "x.npz", "--expect", "y.npz", "--device", "cpu"];
    let run = workshop.run(&check);
    assert_eq!((run.code, run.last()), (0, "programs: 1"), "{}{}", run.out, run.err);
    assert_eq!(run.err, "warning: m.onnx: 64-bit floats are computed in 32 bits\n");
    let arguments = ["run", "m.onnx", "--inputs", "x.npz", "--outputs", "z.npz", "--device", "cpu"];
    assert_eq!(workshop.run(&arguments).code, 0);
    let written = String::from_utf8_lossy(&workshop.read("z.npz")).into_owned();
    assert!(written.contains("'<f8'"), "{written}");
    workshop.arrays("x.npz", &[("x", f32s(&[3], &[0.5, -2.0, 1.0]))]);
    let fault = workshop.run(&check);
    assert_eq!(fault.fault(1), "input `x` must be f64, but the array is f32");
    let random = workshop.run(&["check", "m.onnx", "--device", "cpu"]);
    assert_eq!((random.code, random.last()), (0, "programs: 1"), "{}{}", random.out, random.err);
    assert!(workshop.run(&["inspect", "m.onnx"]).out.contains("x: f64[3]"));
}

/// Runs the model of the repository into a path.
fn write_to(workshop: &Workshop, outputs: &str) -> super::workshop::Run {
    workshop.arrays("x.npz", &[("x", f32s(&[1, 4], &[1.0; 4]))]);
    let to = ["run", MLP, "--inputs", "x.npz", "--outputs", outputs, "--device", "cpu"];
    let run = workshop.run(&to);
    assert_eq!(run.code, 0, "{}", run.err);
    run
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_what_it_leads_to_is_written() {
    let workshop = Workshop::new("links");
    workshop.file("old.npz", b"old");
    for (link, to) in [("first", "second"), ("second", "old.npz"), ("ahead", "new.npz")] {
        std::os::unix::fs::symlink(to, workshop.path(link)).expect("the test made the folder");
    }
    for (link, file) in [("first", "old.npz"), ("ahead", "new.npz")] {
        write_to(&workshop, link);
        assert!(workshop.path(link).is_symlink(), "{link}");
        assert!(!workshop.path(file).is_symlink(), "{file}");
        assert!(workshop.read(file).starts_with(b"PK"), "{file}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_to_and_stays() {
    use std::os::unix::fs::FileTypeExt;
    let workshop = Workshop::new("devices");
    assert!(write_to(&workshop, "/dev/stdout").out.starts_with("PK"));
    std::os::unix::fs::symlink("/dev/null", workshop.path("null")).expect("the folder is there");
    write_to(&workshop, "null");
    let device = workshop.path("null").metadata().expect("it leads to a device");
    assert!(device.file_type().is_char_device() && workshop.path("null").is_symlink());
    let pages = ["explain", MLP, "--device", "cpu", "--html", "/dev/stdout"];
    assert!(workshop.run(&pages).out.contains("<!doctype html>"));
    let folder = workshop.path("").display().to_string();
    let refused = ["run", MLP, "--inputs", "x.npz", "--outputs", &folder, "--device", "cpu"];
    assert!(workshop.run(&refused).fault(1).contains("directory"));
}

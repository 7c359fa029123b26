"""From names and tables to what a folder or an archive is: the layouts of public sets and of people's own disks."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from covidlab.data.layouts import FROM_FOLDERS, FROM_NAMES, FROM_TABLE, UNANSWERED, Answers, Ask, Layout, LeftOut
from covidlab.data.listing import gather
from covidlab.data.tables import parse_table
from covidlab.data.understanding import check_answers, understand
from covidlab.errors import CovidLabError, UsageError

NIH = [f"images_00{1 + at % 2}/images/0000{at // 2:04d}_00{at % 2}.png" for at in range(24)]
NIH_LABELS = ("No Finding", "Infiltration", "Cardiomegaly|Emphysema")
NIH_TABLE = "Image Index,Finding Labels,Patient ID,View Position\n" + "".join(
    f"{name.rpartition('/')[2]},{NIH_LABELS[at % 3]},{at // 2},PA\n" for at, name in enumerate(NIH)
)
CHEXPERT = [f"CheXpert-v1.0-small/train/patient{at:05d}/study1/view1_frontal.jpg" for at in range(1, 13)]
CHEXPERT_TABLE = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Pneumonia\n" + "".join(
    f"{name},Male,50,Frontal,AP,{'1.0' if at % 2 else ''},{('1.0', '0.0', '-1.0', '')[at % 4]}\n"
    for at, name in enumerate(CHEXPERT)
)
COVIDX = [f"train/a{at}.jpg" for at in range(9)] + [f"test/b{at}.jpg" for at in range(3)]


def covidx(part: str) -> str:
    kinds = ("normal", "pneumonia", "COVID-19")
    files = [name.rpartition("/")[2] for name in COVIDX if name.startswith(part)]
    return "".join(f"{part}{at} {file} {kinds[at % 3]} cohen\n" for at, file in enumerate(files))


def in_folders(*folders: str, number=6) -> list[str]:
    return [f"{folder}/{at}.png".lstrip("/") for folder in folders for at in range(number)]


def read(pictures, tables=None, **options) -> Layout:
    """What pictures and tables (name -> text) are, given answers, ``archive_class`` and ``archives``."""
    read_tables = [parse_table(text.encode(), name=name) for name, text in (tables or {}).items()]
    about_archives = {key: options.pop(key) for key in ("archive_class", "archives") if key in options}
    return understand(pictures, tables=read_tables, answers=Answers(**options), **about_archives)


def question(layout: Layout, about: Ask):
    return next((question for question in layout.questions if question.about == about), None)


def test_one_folder_for_each_class():
    layout = read(in_folders("covid", "normal"))
    assert layout.title == "one folder for each class"
    assert layout.class_counts == {"covid": 6, "normal": 6}
    assert layout.questions == layout.left_out == layout.problems == ()


def test_parts_of_a_split_are_said_and_offered():
    layout = read(
        in_folders(*(f"chest_xray/{part}/{kind}" for part in ("train", "val") for kind in ("NORMAL", "PNEUMONIA")))
    )
    assert layout.title == "one folder for each class, in parts (train, validation)"
    assert "A split comes with these X-rays (train 12, validation 12)" in question(layout, Ask.KEEP_SPLIT).text
    assert Counter(layout.parts.values()) == {"train": 12, "validation": 12}


def test_split_in_a_table_is_offered_and_kept_only_where_covidlab_wrote_it():
    rows = "".join(
        f"{kind}/{at}.png,p{at},{('train', 'validate')[at % 2]}\n" for kind in ("covid", "normal") for at in range(6)
    )
    foreign = read(in_folders("covid", "normal"), {"t.csv": f"path,subject,split\n{rows}"})
    assert Counter(foreign.parts.values()) == {"train": 6, "validation": 6}
    assert question(foreign, Ask.KEEP_SPLIT).answer == "no"
    assert not foreign.keeps_split
    assert read(in_folders("covid", "normal"), {"metadata.csv": f"file,patient_id,split\n{rows}"}).keeps_split


def test_nih_table_with_several_labels_a_cell_asks_for_those_that_are_classes():
    layout = read(NIH, {"Data_Entry_2017.csv": NIH_TABLE})
    labels = {choice.value for choice in question(layout, Ask.CONTAINS).choices}
    assert labels == {"No Finding", "Infiltration", "Cardiomegaly", "Emphysema"}
    assert layout.classes == {}
    assert [left.reason for left in layout.left_out] == [UNANSWERED]
    assert len(set(layout.patients.values())) == 12


def test_nih_table_with_the_labels_answered_gives_two_classes():
    layout = read(NIH, {"Data_Entry_2017.csv": NIH_TABLE}, contains=("Infiltration", "No Finding"))
    assert layout.class_counts == {"Infiltration": 8, "No Finding": 8}
    assert [(left.reason, len(left.files)) for left in layout.left_out] == [("without any of the chosen labels", 8)]
    one = read(NIH, {"Data_Entry_2017.csv": NIH_TABLE}, contains=("Emphysema",))
    assert one.class_counts == {"Emphysema": 8, "without Emphysema": 16}


def test_nih_boxes_beside_its_table_are_no_further_question():
    boxes = "Image Index,Finding Label,Bbox [x,y,w,h]\n00000000_000.png,Atelectasis,1,2,3,4\n"
    layout = read(NIH, {"BBox_List_2017.csv": boxes, "Data_Entry_2017.csv": NIH_TABLE})
    assert question(layout, Ask.CLASS_COLUMN) is None
    assert "BBox_List_2017.csv lists 1 X-ray only" in " ".join(layout.problems)


def test_chexpert_table_of_yes_and_no_asks_which_column_is_the_class():
    layout = read(CHEXPERT, {"CheXpert-v1.0-small/train.csv": CHEXPERT_TABLE})
    assert [choice.value for choice in question(layout, Ask.CLASS_COLUMN).choices] == ["No Finding", "Pneumonia"]
    assert layout.classes == {}


def test_chexpert_table_with_its_column_answered_names_the_uncertain():
    layout = read(CHEXPERT, {"CheXpert-v1.0-small/train.csv": CHEXPERT_TABLE}, class_column="Pneumonia")
    assert layout.class_counts == {"Pneumonia": 3, "without Pneumonia": 3}
    left_out = {left.reason: len(left.files) for left in layout.left_out}
    assert left_out == {"without a class in the table": 3, "uncertain in the table (-1)": 3}


def test_covidx_lists_give_classes_patients_and_the_split():
    layout = read(COVIDX, {"train_split.txt": covidx("train"), "test_split.txt": covidx("test")})
    assert layout.class_counts == {"COVID-19": 4, "normal": 4, "pneumonia": 4}
    assert Counter(layout.parts.values()) == {"train": 9, "test": 3}
    assert len(set(layout.patients.values())) == 12


def test_cohen_table_gives_the_class_and_names_what_is_not_there():
    pictures = [f"covid-chestxray-dataset/images/{at}.jpg" for at in range(6)]
    rows = "".join(f"p{at},Pneumonia/Viral/COVID-19,PA,{at}.jpg\n" for at in range(6))
    tables = {"covid-chestxray-dataset/metadata.csv": f"patientid,finding,view,filename\n{rows}p9,x,Axial,a.nii.gz\n"}
    layout = read(pictures, tables)
    assert layout.class_counts == {"Pneumonia/Viral/COVID-19": 6}
    assert "lists 1 file that is not there: a.nii.gz." in layout.problems[0]


def test_german_table_is_understood():
    rows = "".join(f"{at}.png;{('Covid', 'gesund')[at % 2]};P{at // 2}\n" for at in range(6))
    layout = read(in_folders("Bilder"), {"Befunde.csv": f"Datei;Diagnose;Patient\n{rows}"})
    assert layout.class_counts == {"Covid": 3, "gesund": 3}
    assert len(set(layout.patients.values())) == 3


def test_table_with_a_column_for_each_class_is_understood():
    rows = "".join(f"{at}.png, {at % 2}, {1 - at % 2}\n" for at in range(6))
    layout = read(in_folders("train"), {"train/_classes.csv": f"filename, covid, normal\n{rows}"})
    assert layout.title == "a table (train/_classes.csv) with a column for each class"
    assert layout.class_counts == {"covid": 3, "normal": 3}


def test_table_with_a_column_of_another_name_is_a_question():
    rows = "".join(f"{at}.png,{('krumm', 'gerade')[at % 2]}\n" for at in range(6))
    layout = read(in_folders("images"), {"t.csv": f"bild,ergebnis\n{rows}"})
    asked = question(layout, Ask.CLASS_COLUMN)
    assert asked.text == "Is the column ergebnis of the table the class?"
    assert asked.choices[0].text == "ergebnis (krumm 3, gerade 3)"
    assert layout.classes == {}


def test_table_of_remarks_is_a_question():
    rows = "".join(f"{at}.png,remark number {at}\n" for at in range(30))
    layout = read(in_folders("images", number=30), {"t.csv": f"file,finding\n{rows}"})
    assert question(layout, Ask.CLASS_COLUMN).is_needed
    assert layout.classes == {}
    told = read(in_folders("images", number=30), {"t.csv": f"file,finding\n{rows}"}, class_column="finding")
    assert len(told.class_counts) == 30


def test_table_that_disagrees_with_folders_called_as_classes_is_offered():
    rows = "".join(f"{kind}/{at}.png,{('x', 'y')[at % 2]}\n" for kind in ("covid", "normal") for at in range(6))
    layout = read(in_folders("covid", "normal"), {"t.csv": f"file,finding\n{rows}"})
    assert question(layout, Ask.CLASSES_FROM).answer == FROM_FOLDERS
    assert layout.class_counts == {"covid": 6, "normal": 6}
    told = read(in_folders("covid", "normal"), {"t.csv": f"file,finding\n{rows}"}, classes_from=FROM_TABLE)
    assert told.class_counts == {"x": 6, "y": 6}


def test_table_that_disagrees_with_folders_of_any_name_is_asked_for():
    rows = "".join(f"{kind}/{at}.png,{('x', 'y')[at % 2]}\n" for kind in ("0", "1") for at in range(6))
    layout = read(in_folders("0", "1"), {"t.csv": f"file,finding\n{rows}"})
    assert layout.open_questions[0].about == Ask.CLASSES_FROM
    assert layout.classes == {}
    told = read(in_folders("0", "1"), {"t.csv": f"file,finding\n{rows}"}, classes_from=FROM_FOLDERS)
    assert told.class_counts == {"0": 6, "1": 6}


def test_finer_labels_than_folders_do_not_disagree():
    rows = "".join(f"{kind}/{at}.png,{kind}{at % 2}\n" for kind in ("covid", "normal") for at in range(6))
    layout = read(in_folders("covid", "normal"), {"metadata.csv": f"file,finding\n{rows}"})
    assert layout.questions == ()


def test_levels_that_both_may_be_the_class_are_asked_for():
    folders = [f"{outer}/{inner}" for outer in ("red", "blue") for inner in ("left", "right")]
    layout = read(in_folders(*folders))
    assert layout.open_questions[0].about == Ask.CLASS_LEVEL
    assert read(in_folders(*folders), class_level=1).class_counts == {"red": 12, "blue": 12}
    assert read(in_folders(*folders), class_level=2).class_counts == {"left": 12, "right": 12}


def test_one_folder_of_any_name_is_asked_for():
    layout = read(in_folders("ChinaSet/CXR_png"))
    assert layout.open_questions[0].about == Ask.CLASSES_FROM
    assert read(in_folders("ChinaSet/CXR_png"), classes_from=FROM_FOLDERS).class_counts == {"ChinaSet": 6}
    assert read(in_folders("covid")).class_counts == {"covid": 6}


def test_folders_of_few_x_rays_each_are_asked_for():
    people = in_folders("Anna", "Bert", "Carl", "Dora", number=2)
    assert "may be patients" in read(people).open_questions[0].text
    assert len(read(people, classes_from=FROM_FOLDERS).class_counts) == 4


def test_folders_of_a_set_of_covidlabs_own_are_classes_whatever_they_are_called():
    people = in_folders("Anna", "Bert", "Carl", "Dora", number=2)
    rows = "".join(f"{name},\n" for name in people)
    assert len(read(people, {"metadata.csv": f"file,patient_id\n{rows}"}).class_counts) == 4
    disagreeing = "".join(f"{name},,{('x', 'y')[at % 2]}\n" for at, name in enumerate(people))
    assert len(read(people, {"metadata.csv": f"file,patient_id,finding\n{disagreeing}"}).class_counts) == 4


def test_first_class_of_a_set_of_covidlabs_own_is_its_folder_whatever_its_table_says():
    rows = "".join(f"covid/{at}.png,,{('a|b', 'c')[at % 2]}\n" for at in range(6))
    assert read(in_folders("covid"), {"metadata.csv": f"file,patient_id,finding\n{rows}"}).class_counts == {"covid": 6}


def test_classes_in_the_names_of_files_are_asked_for():
    pictures = [f"CXR_png/CHNCXR_{at:04d}_{at % 2}.png" for at in range(8)]
    layout = read(pictures)
    assert layout.open_questions[0].sentence() == (
        "No folder and no table states a class. CXR_png/CHNCXR_0000_0.png: do the names of the files state it? "
        "names: 0 4, 1 4. Answer with --classes-from."
    )
    assert read(pictures, classes_from=FROM_NAMES).class_counts == {"0": 4, "1": 4}
    in_classes = [f"{kind}/{name.rpartition('/')[2]}" for name in pictures for kind in ("covid", "normal")]
    assert read(in_classes, classes_from=FROM_NAMES).class_counts == {"0": 8, "1": 8}


def test_places_alone_are_not_understood_and_named():
    layout = read(in_folders("images", "train"))
    assert layout.title == "not understood"
    assert "The names of the folders (images, train) are those of places" in layout.problems[0]
    assert [(left.reason, len(left.files)) for left in layout.left_out] == [("in no folder that names a class", 12)]


def test_patients_in_names_are_a_question_and_never_taken_by_themselves():
    pictures = ["covid/00001362_004.jpg", "covid/00001362_005.jpg", "normal/00001370_000.jpg"]
    layout = read(pictures)
    assert layout.patients == {}
    assert "is 00001362 the patient? Then the 3 X-rays named like this show 2 patients." in layout.questions[0].text
    assert list(read(pictures, patients_from_names=True).patients.values()) == ["00001362", "00001362", "00001370"]


def test_patients_of_a_table_leave_no_question():
    pictures = ["covid/00001362_004.jpg", "covid/00001362_005.jpg", "normal/00001370_000.jpg"]
    layout = read(pictures, {"t.csv": "file,patient_id\n00001362_004.jpg,a\n00001362_005.jpg,a\n00001370_000.jpg,b\n"})
    assert list(layout.patients.values()) == ["a", "a", "b"]
    assert layout.questions == ()


def test_patient_column_is_asked_for_where_several_disagree():
    tables = {"t.csv": "file,subject,patient_no\n0.png,a,x\n1.png,b,x\n"}
    layout = read(in_folders("covid", number=2), tables)
    assert question(layout, Ask.PATIENT_COLUMN).answer == ""
    assert layout.patients == {}
    told = read(in_folders("covid", number=2), tables, patient_column="patient_no")
    assert set(told.patients.values()) == {"x"}


@pytest.mark.parametrize(
    ("archive", "counts"), [("covid", {"covid": 2}), ("archive", {}), ("images", {}), ("lungs of 2021", {})]
)
def test_archive_without_folders_is_a_class_where_its_name_is_one(archive, counts):
    assert read(["0.png", "1.png"], archive_class=archive).class_counts == counts


def test_archive_of_any_name_is_asked_for():
    layout = read(["0.png", "1.png"], archive_class="silica")
    assert "Is silica, the name of the ZIP file, the class?" in layout.open_questions[0].text
    assert read(["0.png", "1.png"], archive_class="silica", classes_from=FROM_FOLDERS).class_counts == {"silica": 2}


def test_archives_without_folders_are_a_class_each():
    layout = read(in_folders("red", "green"), archives=("red", "green"))
    assert layout.class_counts == {"red": 6, "green": 6}


def test_archives_with_class_folders_are_no_classes():
    pictures = in_folders("part A/x/covid", "part B/x/covid", "part B/x/normal")
    assert read(pictures, archives=("part A", "part B")).class_counts == {"covid": 12, "normal": 6}


def test_archives_named_as_classes_come_before_folders_of_any_name_in_them():
    pictures = in_folders("covid/by Anna", "normal/by Bert")
    assert read(pictures, archives=("covid", "normal")).class_counts == {"covid": 6, "normal": 6}
    parts = in_folders("drive-download-001/apple", "drive-download-002/pear")
    assert read(parts, archives=("drive-download-001", "drive-download-002")).class_counts == {"apple": 6, "pear": 6}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            {"class_column": "nothing"},
            r"no column of this name. The columns are finding, patientid. Received: nothing.",
        ),
        ({"contains": ("Mass",)}, r"No X-ray carries this label .* Received: Mass."),
        ({"class_level": 3}, r"a number from 1 to 1. Received: 3."),
        ({"class_level": 0}, r"a number from 1 to 1. Received: 0."),
        ({"patients_from_names": True, "patient_column": "finding"}, None),
        ({"keep_split": True}, r"No split comes with these X-rays."),
    ],
)
def test_check_answers_that_cannot_be_says_why(answers, expected):
    tables = {"t.csv": "file,finding,patientid\n0.png,a,p\n1.png,b,q\n"}
    layout = read(in_folders("images", number=2), tables, **answers)
    if expected is None:
        check_answers(layout, Answers(**answers))
    else:
        with pytest.raises(UsageError, match=expected):
            check_answers(layout, Answers(**answers))


def test_check_answers_about_a_table_or_names_that_are_not_there_says_so():
    layout = read(in_folders("covid", "normal"))
    with pytest.raises(UsageError, match="No table lists these X-rays"):
        check_answers(layout, Answers(classes_from=FROM_TABLE))
    with pytest.raises(UsageError, match="do not tell classes apart"):
        check_answers(read(["a.png", "b.png"], classes_from=FROM_NAMES), Answers(classes_from=FROM_NAMES))
    with pytest.raises(UsageError, match="is offered as the patient"):
        check_answers(layout, Answers(patients_from_names=True))


def test_branches_say_what_each_folder_was_taken_for():
    left_out = (LeftOut(reason="masks", files=("covid/masks/0.png",)),)
    layout = understand(in_folders("covid", "normal", number=1), left_out=left_out)
    assert [(branch.folder, branch.number, branch.role) for branch in layout.branches] == [
        ("covid", 1, "class covid"),
        ("covid/masks", 1, "masks"),
        ("normal", 1, "class normal"),
    ]


PIECES = (
    "covid",
    "Normal",
    "images",
    "train",
    "test",
    "patient1",
    "masks",
    "00001362",
    "x",
    "é",
    "0",
    "._a",
    "plots",
    " ",
)
NAMES = st.lists(
    st.builds(
        lambda folders, stem, suffix: "/".join((*folders, stem + suffix)),
        st.lists(st.sampled_from(PIECES), max_size=4),
        st.sampled_from(("a", "b", "00001362_001", "covid_1", "normal_2", "metadata", "train_list", "#")),
        st.sampled_from((".png", ".jpg", ".csv", ".txt", "", ".zip", ".JFIF")),
    ),
    unique=True,
    max_size=30,
)
CELLS = st.sampled_from(
    ("a.png", "covid/a.png", "b", "1", "0", "-1", "COVID|Normal", "x", "", '"', "00001362", "train")
)
COLUMNS = st.sampled_from(("file", "finding", "Patient ID", "split", "label", "x", "", "Path"))
TABLES = st.builds(
    lambda header, rows: "\n".join(",".join(row) for row in (header, *rows)).encode(),
    st.lists(COLUMNS, min_size=1, max_size=5),
    st.lists(st.lists(CELLS, max_size=5), max_size=8),
)
ANSWERS = st.builds(
    Answers,
    classes_from=st.sampled_from((None, "folders", "table", "names")),
    class_level=st.sampled_from((None, 1, 2, 9)),
    class_column=st.sampled_from((None, "finding", "x", "nothing")),
    contains=st.sampled_from(((), ("COVID",), ("COVID", "Normal"))),
    patients_from_names=st.booleans(),
    keep_split=st.booleans(),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=NAMES, tables=st.lists(TABLES, max_size=3), answers=ANSWERS)
def test_any_names_and_tables_leave_each_picture_in_a_class_or_in_one_reason(names, tables, answers):
    contents = dict(zip((name for name in names if name.endswith((".csv", ".txt"))), tables, strict=False))
    try:
        found = gather(names, read_head=lambda name: b"", read=lambda name: contents.get(name, b""))
        layout = found.understand(answers)
        check_answers(layout, answers)
    except CovidLabError:
        return
    told = Counter(name for left in layout.left_out for name in left.files) + Counter(list(layout.classes))
    tables_used = set(names) - set(told)
    assert set(told.values()) <= {1}
    assert set(layout.classes) <= set(layout.pictures)
    assert not tables_used & set(layout.pictures)
    assert all(name.endswith((".csv", ".txt")) for name in tables_used)

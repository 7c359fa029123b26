"""What the tables beside X-rays say of them."""

from covidlab.data.listed import Listed
from covidlab.data.tables import parse_table

PICTURES = [f"images/{at}.png" for at in range(20)]


def listed(*tables: str, pictures=PICTURES, names=()) -> Listed:
    names = names or [f"table{at}.csv" for at in range(len(tables))]
    return Listed.of(
        pictures, [parse_table(text.encode(), name=name) for name, text in zip(names, tables, strict=True)]
    )


def table(header: str, *cells: str) -> str:
    return "\n".join([header, *(f"{at}.png,{cell}" for at, cell in enumerate(cells))])


def test_listed_gives_each_picture_its_row():
    found = listed(table("file,finding", "a", "b"))
    assert found.rows["images/1.png"] == {"finding": "b"}
    assert found.labels == ("finding",)
    assert found.tables_with("finding") == ["table0.csv"]


def test_listed_of_two_tables_knows_what_both_say():
    found = listed(table("file,finding", "a"), table("file,patientid", "p"))
    assert found.rows["images/0.png"] == {"finding": "a", "patientid": "p"}


def test_listed_of_rows_that_differ_puts_their_labels_together():
    found = listed("image_id,class_name,rad_id\n0,Mass,R1\n0,Effusion,R2\n0,Mass,R3")
    assert found.rows["images/0.png"]["class_name"] == "Mass | Effusion"
    assert (
        "more than once with different values; the first row counts and their labels are put together"
        in found.sentences[0]
    )


def test_listed_table_of_a_few_x_rays_is_not_asked_for_classes():
    found = listed(table("file,finding", *"ab" * 10), table("file,Finding Label", "Mass"))
    assert found.labels == ("finding",)
    assert found.sentences == ("table1.csv lists 1 X-ray only, so it is not asked for classes.",)


def test_listed_columns_of_no_usual_name_may_be_the_class():
    found = listed(table("bild,ergebnis,alter,nr", *(f"{kind},{50 + at},n{at}" for at, kind in enumerate("ab" * 10))))
    assert found.others == ("ergebnis",)


def test_listed_columns_of_which_one_says_yes_are_the_classes():
    found = listed(table("filename, covid, normal", "1, 0", "0, 1"))
    assert found.one_of_several == {"images/0.png": "covid", "images/1.png": "normal"}
    assert listed(table("filename,a,b", "1,1", "0,1")).one_of_several == {}
    assert listed(table("filename,a,b", "1,0", "0,-1")).one_of_several == {}


def test_listed_columns_without_any_yes_are_no_classes():
    assert listed(table("filename,a,b", "1,No", "0,No")).yes_no == ("a",)


def test_listed_patients_of_columns_that_agree_are_stated():
    found = listed(table("file,patient_no", "p", "q"), table("file,PatientID", "p"))
    assert found.stated_patients == {"images/0.png": "p", "images/1.png": "q"}
    assert listed(table("file,patient_no,subject", "p,1", "q,2")).stated_patients == {}


def test_listed_parts_come_from_a_column():
    found = listed(table("file,finding,split", "a,train", "a,validate", "b,test", "b,"))
    assert list(found.parts.values()) == ["train", "validation", "test"]
    assert listed(table("file,finding,set", "a,1", "b,2")).parts == {}


def test_listed_parts_come_from_the_names_of_lists():
    found = listed("0.png\n1.png", "2.png\n3.png", names=("train_val_list.txt", "test_list.txt"))
    assert list(found.parts.values()) == ["train", "train", "test", "test"]


def test_listed_labels_that_say_the_same_are_one_and_that_with_words():
    assert listed(table("file,label,label_name", "0,covid", "1,normal", "0,covid")).labels == ("label_name",)
    assert listed(table("file,label,finding", "0,covid", "1,normal", "0,flu")).labels == ("label", "finding")


def test_listed_form_of_a_competition_is_not_used():
    found = listed(table("file,label", "0", "0"), names=("sample_submission.csv",))
    assert found.rows == {}
    assert found.sentences == ("sample_submission.csv is a form for answers by its name, so it is not used.",)

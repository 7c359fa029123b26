"""Which X-rays are drawn: of each class about as many, whole patients, the same every time."""

from collections import Counter

from covidlab.intake.visit_drawing import draw


def classes_of(**numbers: int) -> dict[str, str]:
    return {f"{kind}-{place:03d}": kind for kind, number in numbers.items() for place in range(number)}


def test_draw_takes_all_of_a_small_class_and_shares_out_the_rest():
    classes = classes_of(covid=10, normal=100, pneumonia=200)
    drawn = draw(classes, {}, most=90)
    assert Counter(classes[name] for name in drawn) == {"covid": 10, "normal": 40, "pneumonia": 40}


def test_draw_takes_everything_where_there_is_no_more():
    classes = classes_of(covid=3, normal=4)
    assert draw(classes, {}, most=7) == sorted(classes)


def test_draw_takes_whole_patients_and_exceeds_the_number_by_the_last_one_alone():
    classes = classes_of(normal=60)
    patients = {name: f"p{place // 4}" for place, name in enumerate(sorted(classes))}
    drawn = draw(classes, patients, most=10)
    assert len(drawn) == 12 and set(Counter(patients[name] for name in drawn).values()) == {4}


def test_draw_is_the_same_for_the_same_names_and_another_for_another_seed():
    classes = classes_of(normal=100)
    assert draw(classes, {}, most=20) == draw(classes, {}, most=20)
    assert draw(classes, {}, most=20) != draw(classes, {}, most=20, seed=1)

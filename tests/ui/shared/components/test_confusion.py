"""The confusion matrix as a table of buttons."""

from covidlab.ui.shared.components.confusion import cell_id, matrix_data

MATRIX = [[4, 1], [0, 5]]


def test_matrix_data_has_counts_and_shares_of_the_true_class():
    rows = matrix_data(MATRIX, ["covid", "normal"])["rows"]
    assert [[cell["text"] for cell in row["cells"]] for row in rows] == [["4", "1"], ["0", "5"]]
    assert [[cell["share"] for cell in row["cells"]] for row in rows] == [[0.8, 0.2], [0.0, 1.0]]


def test_matrix_data_names_every_button():
    (covid, normal) = matrix_data(MATRIX, ["covid", "normal"])["rows"]
    assert covid["label"] == "All 5 X-rays of COVID-19"
    assert covid["cells"][1]["label"] == "1 X-ray of COVID-19, predicted non-COVID"
    ids = [cell["id"] for row in (covid, normal) for cell in [row, *row["cells"]]]
    assert ids == ["0-", "0-0", "0-1", "1-", "1-0", "1-1"]


def test_matrix_data_of_an_empty_class_has_no_share():
    (empty, _) = matrix_data([[0, 0], [1, 2]], ["covid", "normal"])["rows"]
    assert [cell["share"] for cell in empty["cells"]] == [0.0, 0.0]


def test_cell_id_of_a_row_has_no_predicted_class():
    assert (cell_id(1), cell_id(1, 0)) == ("1-", "1-0")

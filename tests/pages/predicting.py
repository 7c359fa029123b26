"""What tests of the page Predict do and read."""

import re

PAGE = "pages/4_Predict.py"


def texts(app) -> str:
    kinds = (app.main.markdown, app.main.caption, app.main.info, app.main.warning, app.main.error, app.main.subheader)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def answers(app) -> list[str]:
    """What is said of each X-ray, the one in full first: an answer, or that there is none."""
    found = re.findall(
        r"To this model, this X-ray resembles[^\n]*|No clear answer[^\n]*|No number is shown", texts(app)
    )
    return found + re.findall(r"^Resembles [^\n]*", texts(app), re.MULTILINE)


def file_names(app) -> list[str]:
    """Names of the files, the one in full first."""
    captions = [caption.value.replace("\\", "") for caption in app.main.caption]
    return [caption.partition(" · ")[2] for caption in captions if caption.endswith(".png")]


def upload(app, *files):
    app.file_uploader(key="predict_upload").set_value([(name, data, "image/png") for name, data in files]).run()
    assert not app.exception
    return app

"""What tests of the page Curate do and read."""

PAGE = "pages/7_Curate.py"


def texts(app) -> str:
    elements = [*app.main.markdown, *app.main.caption, *app.main.info, *app.main.warning, *app.main.error]
    return "\n".join(element.value for element in [*elements, *app.main.success]).replace("\\", "")


def run(app):
    app.run()
    assert not app.exception
    return app

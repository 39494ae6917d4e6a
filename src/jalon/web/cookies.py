"""Names of the cookies."""

SESSION = "jalon_session"
FORM = "jalon_form"
LANGUAGE = "jalon_lang"
THEME = "jalon_theme"

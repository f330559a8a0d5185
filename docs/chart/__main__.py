"""Writes what is generated of the chart: its README and the schema of its values."""

from docs.chart import readme, schema

if __name__ == "__main__":
    schema.JSON_FILE.write_text(schema.render())
    readme.PAGE.write_text(readme.render())

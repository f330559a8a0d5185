"""Writes what is generated of the chart: its README, the schema of its values, and the images that it pulls."""

from docs.chart import images, readme, schema

if __name__ == "__main__":
    schema.JSON_FILE.write_text(schema.render())
    readme.PAGE.write_text(readme.render())
    images.PAGE.write_text(images.render())

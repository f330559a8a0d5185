"""Writes what is generated of the chart: its README, the schema of its values, the images that it pulls, its dashboard."""

from docs.chart import dashboard, images, readme, schema

if __name__ == "__main__":
    schema.JSON_FILE.write_text(schema.render())
    readme.PAGE.write_text(readme.render())
    images.PAGE.write_text(images.render())
    dashboard.FILE.parent.mkdir(parents=True, exist_ok=True)
    dashboard.FILE.write_text(dashboard.render())

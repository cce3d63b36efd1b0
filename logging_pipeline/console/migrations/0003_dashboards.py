from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("logpipe_console", "0002_tail_and_pipeline")]

    operations = [
        migrations.AlterModelOptions(
            name="console",
            options={
                "managed": False,
                "default_permissions": (),
                "permissions": [
                    ("view_dashboards", "Can open the dashboards"),
                    ("view_logs", "Can open the log pages of the console"),
                    ("view_tail", "Can watch events as they pass by"),
                    ("view_pipeline", "Can see the state of the pipeline"),
                ],
            },
        ),
    ]

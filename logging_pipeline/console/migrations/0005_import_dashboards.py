from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("logpipe_console", "0004_searches_and_errors")]

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
                    ("import_dashboards", "Can import dashboards into Kibana"),
                ],
            },
        ),
    ]

"""The Celery apps, their queues and the schedule; the tasks live in the apps that own them."""

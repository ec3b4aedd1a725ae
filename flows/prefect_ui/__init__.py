"""What people see of the jobs in Prefect's UI, and start there. Nothing waits for Prefect."""

"""What holds of datasets, publications, observations and studies, decided by revision."""

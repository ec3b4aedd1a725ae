"""Facts brought to partners who want to be called. Source: Standard Webhooks 1.0.0; CloudEvents 1.0 in JSON."""

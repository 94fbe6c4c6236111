"""What is seen: ttkbootstrap widgets. Views are given models to observe and
callbacks for what a person can do; they hold no truth and know no network."""

"""Products get categories, a brand, a price and a cost."""

import django.db.models.deletion
from django.db import migrations, models

from crm.tenancy.operations import SameShop, TenantTable

# (shop_id, product_id) says already that the shop is there.
SPARE = "ALTER TABLE customers_productcategory DROP CONSTRAINT customers_productcategory_shop_fk"


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0017_attributes"),
        ("shops", "0007_names_in_admin"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProductCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=200, verbose_name="category")),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "abstract": False,
                "default_related_name": "product_categories",
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="product",
            name="brand",
            field=models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="brand"),
        ),
        migrations.AddField(
            model_name="product",
            name="cost_minor",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="cost"),
        ),
        migrations.AddField(
            model_name="product",
            name="price_minor",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="price"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["shop", "brand"], name="product_brand"),
        ),
        migrations.AddField(
            model_name="productcategory",
            name="product",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="categories",
                to="customers.product",
            ),
        ),
        migrations.AddField(
            model_name="productcategory",
            name="shop",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="shops.shop",
                verbose_name="shop",
            ),
        ),
        migrations.AddIndex(
            model_name="productcategory",
            index=models.Index(fields=["shop", "path", "product"], name="product_category_path"),
        ),
        migrations.AddConstraint(
            model_name="productcategory",
            constraint=models.UniqueConstraint(fields=("shop", "product", "path"), name="product_category_once"),
        ),
        TenantTable("ProductCategory"),
        SameShop("ProductCategory", "product", "CASCADE"),
        migrations.RunSQL(SPARE, migrations.RunSQL.noop),
    ]
